package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntUnaryOperator;
import org.opentest4j.TestAbortedException;

/** An HTTP server that keeps the requests it gets. */
final class Receiver implements AutoCloseable {

    record Request(String method, String target, String contentType, String authorization, String body) {

        EventStreamClient.Event event() {
            EventStreamClient.Event event = EventStreamClient.Event.of(null, body);
            return new EventStreamClient.Event(event.json().get("id").toString(), event.json());
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final IntUnaryOperator answers;
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    /** @param answers gives the status for the number of earlier requests; negative: the request is never answered */
    private Receiver(InetAddress address, int port, IntUnaryOperator answers) throws IOException {
        this.answers = answers;
        server = HttpServer.create(new InetSocketAddress(address, port), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    static Receiver answering(IntUnaryOperator answers) throws IOException {
        return new Receiver(InetAddress.getLoopbackAddress(), 0, answers);
    }

    static Receiver at(int port, IntUnaryOperator answers) throws IOException {
        return new Receiver(InetAddress.getLoopbackAddress(), port, answers);
    }

    /** At a free port of ::1; skips the test on a machine without that address. */
    static Receiver onIpv6(IntUnaryOperator answers) {
        try {
            return new Receiver(InetAddress.ofLiteral("::1"), 0, answers);
        } catch (IOException none) {
            throw new TestAbortedException("this machine has no address ::1", none);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    List<Request> requests(String path) {
        return requests.stream()
                .filter(request -> request.target().equals(path))
                .toList();
    }

    List<EventStreamClient.Event> events() {
        return requests.stream().map(Request::event).toList();
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            int status;
            synchronized (this) {
                status = answers.applyAsInt(requests.size());
                requests.add(new Request(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        exchange.getRequestHeaders().getFirst("Content-Type"),
                        exchange.getRequestHeaders().getFirst("Authorization"),
                        body));
            }
            if (status < 0) {
                Thread.currentThread().join();
            }
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(status, -1);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        } catch (InterruptedException closed) {
            // by close(); the request stays unanswered
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
