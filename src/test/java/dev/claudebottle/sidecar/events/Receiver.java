package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
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

    /** Each request's method, path, content type and body. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    private final List<Long> times = new CopyOnWriteArrayList<>();
    private final Queue<Integer> script = new ArrayDeque<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final int port;
    private HttpServer server;

    private Receiver(int port, Integer... statuses) {
        this.port = port;
        script.addAll(List.of(statuses));
    }

    /** A receiver that does not listen yet. */
    static Receiver down() throws IOException {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(address(0));
            return new Receiver(taken.getLocalPort());
        }
    }

    static Receiver answering(Integer... statuses) throws IOException {
        Receiver down = down();
        return new Receiver(down.port, statuses).start();
    }

    Receiver start() throws IOException {
        server = HttpServer.create(address(port), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        return this;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port + "/events");
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

    private static InetSocketAddress address(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
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
