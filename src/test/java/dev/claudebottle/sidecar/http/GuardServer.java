package dev.claudebottle.sidecar.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands in for the HTTP server of a guard. */
final class GuardServer implements AutoCloseable {

    static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";

    /** The lines of each request's head. */
    final List<List<String>> requests = new CopyOnWriteArrayList<>();

    /** Null: it accepts connections and never answers. */
    volatile String answer;

    /** After {@link #answer} the same byte again and again. */
    volatile boolean endless;

    private final ServerSocket server;

    GuardServer(String answer) throws IOException {
        this.answer = answer;
        server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** A bundle with one daemon, which has been started. */
    static BundleState bundle(String daemon, Map<String, String> environment) {
        return bundle(daemon, environment, true);
    }

    static BundleState bundle(String name, Map<String, String> environment, boolean ready) {
        Daemon daemon =
                Daemon.builder(name, "/bin/true").environment(environment).build();
        Timestamp now = new Timestamp(System.nanoTime(), Instant.now());
        BundleState state =
                BundleState.initial(Bundle.builder().daemons(List.of(daemon)).build(), 1);
        state = Lifecycle.step(state, new Event.Begin(), now).state();
        return ready ? Lifecycle.step(state, new Event.Started(name, 11), now).state() : state;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                requests.add(new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))
                        .lines()
                        .takeWhile(line -> !line.isEmpty())
                        .toList());
                OutputStream out = socket.getOutputStream();
                if (answer == null) {
                    // until the client gives up
                    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                } else {
                    out.write(answer.getBytes(UTF_8));
                }
                while (endless) {
                    out.write('3');
                }
            } catch (IOException gone) {
                // the client, or the test
            }
        }
    }
}
