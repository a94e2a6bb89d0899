package dev.claudebottle.sidecar.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server of the test stands in for supervise. */
class PendingApprovalsTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private ServerSocket server;

    /** Null: it accepts connections and never answers. */
    private String answer = OK + "3\n";

    private boolean endless;

    @BeforeEach
    void serve() throws IOException {
        server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void asksSuperviseForTheirNumber() {
        assertThat(PendingApprovals.of(state("supervise", true))).hasValue(3);
        assertThat(requests).containsExactly("GET /approvals/count HTTP/1.1");
    }

    @Test
    void asksNobodyWithoutADaemonOfThatName() {
        assertThat(PendingApprovals.of(state("egress", true))).isEmpty();
        assertThat(requests).isEmpty();
    }

    @Test
    void asksNobodyWhileItIsNotReady() {
        assertThat(PendingApprovals.of(state("supervise", false))).isEmpty();
        assertThat(requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                OK,
                OK + "-1",
                OK + "3.5",
                OK + "1234567",
                OK + "3\n4",
                OK + "three",
                "HTTP/1.1 403 Forbidden\r\n\r\n3",
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n3",
                "3\n",
                "",
            })
    void anyOtherAnswerIsNotKnown(String other) {
        answer = other;
        assertThat(PendingApprovals.of(state("supervise", true))).isEmpty();
    }

    @Test
    void anAnswerWithoutEndIsNotKnown() {
        endless = true;
        assertThat(PendingApprovals.of(state("supervise", true))).isEmpty();
    }

    @Test
    void aSuperviseThatHangsIsNotWaitedForLong() {
        answer = null;
        assertThat(PendingApprovals.of(state("supervise", true))).isEmpty();
        assertThat(requests).hasSize(1);
    }

    @Test
    void aSuperviseThatDoesNotListenIsNotKnown() throws IOException {
        server.close();
        assertThat(PendingApprovals.of(state("supervise", true))).isEmpty();
    }

    private BundleState state(String name, boolean ready) {
        Daemon daemon = Daemon.builder(name, "/bin/true")
                .environment(Map.of("SUPERVISE_OPERATOR_PORT", Integer.toString(server.getLocalPort())))
                .build();
        Timestamp now = new Timestamp(System.nanoTime(), Instant.now());
        BundleState state =
                BundleState.initial(Bundle.builder().daemons(List.of(daemon)).build(), 1);
        state = Lifecycle.step(state, new Event.Begin(), now).state();
        return ready ? Lifecycle.step(state, new Event.Started(name, 11), now).state() : state;
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                requests.add(new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine());
                OutputStream out = socket.getOutputStream();
                if (answer == null) {
                    // until the client gives up
                    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                } else {
                    out.write(answer.getBytes(US_ASCII));
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
