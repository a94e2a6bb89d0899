package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server that answers with the given statuses in turn, {@link #SILENCE} by none, and then always with 204. */
final class Receiver implements AutoCloseable {

    static final int SILENCE = 0;

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    /** Each request's method, path, content type and body. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    /** Each request's headers Host and Authorization. */
    final List<String> headers = new CopyOnWriteArrayList<>();

    private final List<Long> times = new CopyOnWriteArrayList<>();
    private final Queue<Integer> script = new ArrayDeque<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final InetAddress host;
    private final int port;
    private HttpServer server;

    private Receiver(InetAddress host, int port, Integer... statuses) {
        this.host = host;
        this.port = port;
        script.addAll(List.of(statuses));
    }

    /** A receiver that does not listen yet. */
    static Receiver down() throws IOException {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(LOOPBACK, 0));
            return new Receiver(LOOPBACK, taken.getLocalPort());
        }
    }

    static Receiver answering(Integer... statuses) throws IOException {
        Receiver down = down();
        return new Receiver(LOOPBACK, down.port, statuses).start();
    }

    static Receiver at(InetAddress host, int port, Integer... statuses) throws IOException {
        return new Receiver(host, port, statuses).start();
    }

    Receiver start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(host, port), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        return this;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port + "/events");
    }

    int port() {
        return port;
    }

    List<String> bodies() {
        return requests.stream()
                .map(request -> request.substring(request.indexOf('{')))
                .toList();
    }

    /** The time between the previous request and this one; the first request has number 0. */
    Duration wait(int request) {
        return Duration.ofNanos(times.get(request) - times.get(request - 1));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        int status;
        synchronized (script) {
            status = script.isEmpty() ? 204 : script.remove();
            times.add(System.nanoTime());
            headers.add(exchange.getRequestHeaders().getFirst("Host") + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " " + body);
        }
        if (status == SILENCE) {
            awaitEnd();
        }
        if (status / 100 == 3) {
            exchange.getResponseHeaders().add("Location", "/elsewhere");
        }
        exchange.sendResponseHeaders(status == SILENCE ? 204 : status, -1);
        exchange.close();
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        end.countDown();
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
    }
}
