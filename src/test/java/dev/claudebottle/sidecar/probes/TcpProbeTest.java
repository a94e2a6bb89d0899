package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Probe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TcpProbeTest {

    private final ProberFixture probes = new ProberFixture();

    @Test
    void aConnectionThatIsAcceptedPassesAndIsClosedAtOnce() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            // When / Then
            assertThat(probes.check(server.tcp(), "5s")).isEmpty();
            await().until(() -> server.accepted.get() == 1 && server.open.get() == 0);
        }
    }

    @Test
    void aNameIsLookedUp() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            Probe.Target target = new Probe.Target.Tcp("localhost", server.port());

            // When / Then
            assertThat(probes.check(target, "5s")).isEmpty();
        }
    }

    @Test
    void aConnectionThatIsRefusedFails() throws Exception {
        assertThat(probes.check(refusingTarget(), "5s")).contains("Connection refused");
    }

    @Test
    void anUnknownNameFails() throws Exception {
        assertThat(probes.check(new Probe.Target.Tcp("no-such-host.invalid", 80), "20s"))
                .contains("unknown host");
    }

    @Test
    void aHostThatDoesNotRespondFailsAtTheTimeout() throws Exception {
        // Given: the kernel drops connection requests while the accept queue is full
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<SocketChannel> queue = fill(full);

            // When
            long began = System.nanoTime();
            var failure = probes.check(new Probe.Target.Tcp("127.0.0.1", full.getLocalPort()), "150ms");

            // Then
            assertThat(failure).contains("no answer within 150ms");
            assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(150_000_000L);
            for (SocketChannel waiting : queue) {
                waiting.close();
            }
        }
    }

    /** A port that was free a moment ago. */
    static Probe.Target.Tcp refusingTarget() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Probe.Target.Tcp("127.0.0.1", socket.getLocalPort());
        }
    }

    static List<SocketChannel> fill(ServerSocket server) throws Exception {
        List<SocketChannel> channels = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress("127.0.0.1", server.getLocalPort()));
            channels.add(channel);
        }
        return channels;
    }
}
