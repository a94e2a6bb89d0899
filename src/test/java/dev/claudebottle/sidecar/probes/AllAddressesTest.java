package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.bundle.Probe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guard that listens on one address of its name is found, whatever the order in which the name is resolved. */
class AllAddressesTest {

    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String BAD_GATEWAY = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";

    private final ProberFixture probes = new ProberFixture();

    @BeforeAll
    static void needsIpv6() {
        try (ServerSocket any = new ServerSocket(0, 1, V6)) {
            assertThat(any.isBound()).isTrue();
        } catch (IOException none) {
            assumeTrue(false, "this machine has no address ::1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void byTcpLocalhostIsFoundOnEitherAddress(String address) throws Exception {
        try (TestServer server = TestServer.answering(OK, InetAddress.ofLiteral(address), 0)) {
            assertThat(probes.check(new Probe.Target.Tcp("localhost", server.port()), "20s"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void byHttpLocalhostIsFoundOnEitherAddress(String address) throws Exception {
        try (TestServer server = TestServer.answering(OK, InetAddress.ofLiteral(address), 0)) {
            URI url = URI.create("http://localhost:" + server.port() + "/health");
            assertThat(probes.check(new Probe.Target.Http(url, Optional.empty()), "20s"))
                    .isEmpty();
            assertThat(server.requests)
                    .singleElement()
                    .asString()
                    .startsWith("GET /health HTTP/1.1\n")
                    .contains("\nHost: localhost:" + server.port() + "\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void aProxyIsFoundOnEitherAddress(String address) throws Exception {
        try (TestServer proxy = TestServer.answering(OK, InetAddress.ofLiteral(address), 0)) {
            URI url = URI.create("http://localhost:" + proxy.port());
            assertThat(probes.check(
                            new Probe.Target.Http(URI.create("http://egress.health/"), Optional.of(url)), "20s"))
                    .isEmpty();
            assertThat(proxy.requests)
                    .singleElement()
                    .asString()
                    .startsWith("GET http://egress.health/ HTTP/1.1\n")
                    .contains("\nHost: egress.health\n");
        }
    }

    @Test
    void theOrderOfTheAddressesDoesNotMatter() throws Exception {
        for (InetAddress bound : List.of(V4, V6)) {
            try (TestServer server = TestServer.answering(OK, bound, 0)) {
                for (List<InetAddress> order : List.of(List.of(V4, V6), List.of(V6, V4))) {
                    assertThat(tcp(server.port(), order).check()).isEmpty();
                    assertThat(http(server.port(), order).check()).isEmpty();
                }
            }
        }
    }

    @Test
    void theCauseIsThatOfAllAddresses() throws Exception {
        // Given a port that is free for both
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, V6)) {
            port = free.getLocalPort();
        }

        // Then
        assertThat(probes.check(new Probe.Target.Tcp("localhost", port), "20s")).contains("Connection refused");
        URI url = URI.create("http://localhost:" + port);
        assertThat(probes.check(new Probe.Target.Http(url, Optional.empty()), "20s"))
                .contains("Connection refused");
    }

    @Test
    void oneThatDoesNotRespondLeavesTimeForTheOther() throws Exception {
        // Given: the kernel drops connection requests while the accept queue is full
        try (ServerSocket full = new ServerSocket(0, 1, V4);
                TestServer server = TestServer.answering(OK, V6, full.getLocalPort())) {
            List<SocketChannel> queue = TcpProbeTest.fill(full);
            Duration timeout = Duration.ofSeconds(1);

            // Then
            assertThat(new TcpCheck(new Probe.Target.Tcp("guard.test", server.port()), timeout, _ -> List.of(V4, V6))
                            .check())
                    .isEmpty();
            assertThat(new HttpCheck(target(server.port()), timeout, _ -> List.of(V4, V6)).check())
                    .isEmpty();
            for (SocketChannel waiting : queue) {
                waiting.close();
            }
        }
    }

    @Test
    void anAnswerIsAnAnswer() throws Exception {
        // Given
        try (TestServer first = TestServer.answering(BAD_GATEWAY, V4, 0);
                TestServer second = TestServer.answering(OK, V6, first.port())) {
            // When
            Optional<String> failure = http(first.port(), List.of(V4, V6)).check();

            // Then
            assertThat(failure).contains("HTTP 502");
            assertThat(second.accepted).hasValue(0);
        }
    }

    @Test
    void aRefusalOfTheTunnelIsAnAnswerOfTheProxy() throws Exception {
        // Given
        try (TestServer first = TestServer.answering(BAD_GATEWAY, V4, 0);
                TestServer second = TestServer.answering(BAD_GATEWAY, V6, first.port())) {
            Probe.Target.Http target = new Probe.Target.Http(
                    URI.create("https://guard.test/"), Optional.of(URI.create("http://proxy.test:" + first.port())));

            // When
            Throwable failure = catchThrowable(() -> new HttpCheck(target, TIMEOUT, _ -> List.of(V4, V6)).check());

            // Then
            assertThat(failure).hasMessageContaining("502");
            assertThat(second.accepted).hasValue(0);
        }
    }

    private static TcpCheck tcp(int port, List<InetAddress> addresses) {
        return new TcpCheck(new Probe.Target.Tcp("guard.test", port), TIMEOUT, _ -> addresses);
    }

    private static HttpCheck http(int port, List<InetAddress> addresses) {
        return new HttpCheck(target(port), TIMEOUT, _ -> addresses);
    }

    private static Probe.Target.Http target(int port) {
        return new Probe.Target.Http(URI.create("http://guard.test:" + port + "/"), Optional.empty());
    }
}
