package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Probe;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Accepts connections and serves each one as the test says, on a thread of its own. */
final class TestServer implements AutoCloseable {

    /** Serves a connection, which is closed afterwards. */
    interface Handler {
        void serve(Socket client) throws IOException;
    }

    private final ServerSocket socket;
    private final Handler handler;
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger mostOpen = new AtomicInteger();
    final List<Long> times = new CopyOnWriteArrayList<>();
    final List<String> requests;

    TestServer(Handler handler) throws IOException {
        this(List.of(), handler, InetAddress.getLoopbackAddress(), 0);
    }

    private TestServer(List<String> requests, Handler handler, InetAddress address, int port) throws IOException {
        this.requests = requests;
        this.socket = new ServerSocket(port, 1000, address);
        this.handler = handler;
        Thread.ofVirtual().start(this::acceptAll);
    }

    /** Answers each request with the same text, and keeps the requests. */
    static TestServer answering(String answer) throws IOException {
        return answering(answer, InetAddress.getLoopbackAddress(), 0);
    }

    /** @param port 0: any that is free */
    static TestServer answering(String answer, InetAddress address, int port) throws IOException {
        List<String> requests = new CopyOnWriteArrayList<>();
        return new TestServer(
                requests,
                client -> {
                    requests.add(requestOf(client));
                    write(client, answer);
                },
                address,
                port);
    }

    /** Accepts and reads, and sends nothing until the client closes the connection. */
    static TestServer silent() throws IOException {
        return new TestServer(TestServer::awaitEnd);
    }

    static void awaitEnd(Socket client) throws IOException {
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    static void write(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static String requestOf(Socket client) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
        StringBuilder request = new StringBuilder();
        String line = lines.readLine();
        while (line != null && !line.isEmpty()) {
            request.append(line).append('\n');
            line = lines.readLine();
        }
        return request.toString();
    }

    int port() {
        return socket.getLocalPort();
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    Probe.Target tcp() {
        return new Probe.Target.Tcp("127.0.0.1", port());
    }

    Probe.Target http() {
        return new Probe.Target.Http(url("/health"), Optional.empty());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void acceptAll() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                times.add(System.nanoTime());
                accepted.incrementAndGet();
                mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            handler.serve(client);
        } catch (IOException gone) {
            // the client has closed the connection, as some tests expect
        } finally {
            open.decrementAndGet();
        }
    }
}
