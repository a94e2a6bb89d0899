package dev.claudebottle.sidecar.probes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Probe;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpProbeTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final ProberFixture probes = new ProberFixture();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.0 200 OK\r\n\r\nuntil the end",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\n\r\n",
                "HTTP/1.1 399 Whatever\r\nContent-Length: 0\r\n\r\n"
            })
    void aStatusOf200To399Passes(String answer) throws Exception {
        assertThat(checkAnswer(answer)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 407, 500, 503, 599})
    void anyOtherStatusFails(int code) throws Exception {
        assertThat(checkAnswer("HTTP/1.1 " + code + " Words\r\nContent-Length: 4\r\n\r\nbody"))
                .contains("HTTP " + code);
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        // Given
        try (TestServer elsewhere = TestServer.answering("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
                TestServer server = TestServer.answering(
                        "HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url("/") + "\r\nContent-Length: 0\r\n\r\n")) {
            // When / Then
            assertThat(probes.check(server.http(), "5s")).isEmpty();
            assertThat(elsewhere.accepted).hasValue(0);
        }
    }

    @Test
    void theRequestIsSmallAndItsConnectionIsClosed() throws Exception {
        // Given: a server that would keep the connection
        try (TestServer server = new TestServer(client -> {
            TestServer.write(client, OK);
            TestServer.awaitEnd(client);
        })) {
            // When / Then
            assertThat(probes.check(server.http(), "5s")).isEmpty();
            assertThat(probes.check(server.http(), "5s")).isEmpty();
            await().until(() -> server.accepted.get() == 2 && server.open.get() == 0);
        }
        try (TestServer server = TestServer.answering(OK)) {
            probes.check(server.http(), "5s");
            assertThat(server.requests.getFirst())
                    .startsWith("GET /health HTTP/1.1\n")
                    .contains("User-Agent: sidecar-init\n", "Connection: close\n", "Host: 127.0.0.1:" + server.port())
                    .hasSizeLessThan(300);
        }
    }

    @Test
    void theUserOfTheUrlIsSentAsBasicAuthenticationAndNotLogged() throws Exception {
        // Given
        try (TestServer server = TestServer.answering(OK)) {
            URI url = URI.create("http://us%C3%A9r:p%40%3Ass@127.0.0.1:" + server.port() + "/a?b=c%20d#e");

            // When / Then
            assertThat(probes.check(new Probe.Target.Http(url, Optional.empty()), "5s"))
                    .isEmpty();
            assertThat(server.requests.getFirst())
                    .startsWith("GET /a?b=c%20d HTTP/1.1\n")
                    .contains("\nAuthorization: Basic " + base64("us\u00e9r:p@:ss") + "\n")
                    .contains("\nHost: 127.0.0.1:" + server.port() + "\n");
        }
        try (TestServer server = TestServer.answering(OK)) {
            URI url = URI.create("http://token@127.0.0.1:" + server.port());
            assertThat(probes.check(new Probe.Target.Http(url, Optional.empty()), "5s"))
                    .isEmpty();
            assertThat(server.requests.getFirst()).contains("\nAuthorization: Basic " + base64("token:") + "\n");
        }
        String refused =
                "http://user:secret@127.0.0.1:" + TcpProbeTest.refusingTarget().port();
        assertThat(probes.check(new Probe.Target.Http(URI.create(refused), Optional.empty()), "5s"))
                .contains("Connection refused");
    }

    @Test
    void aSilentServerFailsAtTheTimeoutAndItsConnectionIsClosed() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            // When / Then
            assertThat(probes.check(server.http(), "150ms")).contains("no answer within 150ms");
            await().until(() -> server.open.get() == 0);
            assertThat(server.accepted).hasValue(1);
        }
    }

    @Test
    void aBodyThatStallsFailsAtTheTimeout() throws Exception {
        // Given
        try (TestServer server = new TestServer(client -> {
            TestServer.write(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning");
            TestServer.awaitEnd(client);
        })) {
            // When / Then
            assertThat(probes.check(server.http(), "150ms")).contains("no answer within 150ms");
            await().until(() -> server.open.get() == 0);
            assertThat(server.accepted).hasValue(1);
        }
    }

    @Test
    void anEndlessBodyPasses() throws Exception {
        // Given
        try (TestServer server = new TestServer(HttpProbeTest::writeForever)) {
            // When / Then
            assertThat(probes.check(server.http(), "10s")).isEmpty();
            await().until(() -> server.open.get() == 0);
        }
    }

    @Test
    void whatIsNotHttpFails() throws Exception {
        assertThat(checkAnswer("220 mail.example.org ESMTP\r\n")).contains("not an HTTP answer");
    }

    @Test
    void aServerThatClosesTheConnectionFails() throws Exception {
        assertThat(checkAnswer("")).contains("Unexpected end of file from server");
    }

    @Test
    void aServerWithoutTlsFailsForHttps() throws Exception {
        // Given
        try (TestServer server = new TestServer(client -> {
            TestServer.write(client, OK);
            TestServer.awaitEnd(client);
        })) {
            URI url = URI.create("https://127.0.0.1:" + server.port() + "/");

            // When / Then
            assertThat(probes.check(new Probe.Target.Http(url, Optional.empty()), "20s"))
                    .hasValueSatisfying(cause -> assertThat(cause).isNotBlank().doesNotContain("no answer", "\n"));
        }
    }

    @Test
    void aProxyGetsTheWholeUrlAndResolvesTheName() throws Exception {
        // Given
        try (TestServer proxy = TestServer.answering(OK)) {
            // When / Then
            assertThat(probes.check(through(proxy.url("")), "5s")).isEmpty();
            assertThat(proxy.requests.getFirst())
                    .startsWith("GET http://egress.health/ HTTP/1.1\n")
                    .contains("Host: egress.health\n")
                    .doesNotContain("keep-alive");
        }
    }

    @Test
    void theUserOfTheProxyIsSentToTheProxyAndThatOfTheUrlToTheServer() throws Exception {
        // Given
        try (TestServer proxy = TestServer.answering(OK)) {
            URI proxyUrl = URI.create("http://me:p%40ss@127.0.0.1:" + proxy.port());

            // When / Then
            assertThat(probes.check(
                            new Probe.Target.Http(URI.create("http://you:too@egress.health/"), Optional.of(proxyUrl)),
                            "5s"))
                    .isEmpty();
            assertThat(proxy.requests.getFirst())
                    .startsWith("GET http://egress.health/ HTTP/1.1\n")
                    .contains("\nProxy-Authorization: Basic " + base64("me:p@ss") + "\n")
                    .contains("\nAuthorization: Basic " + base64("you:too") + "\n");
        }
    }

    @Test
    void aFailingProxyFails() throws Exception {
        try (TestServer proxy = TestServer.answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(probes.check(through(proxy.url("")), "5s")).contains("HTTP 502");
        }
        URI refusing =
                URI.create("http://127.0.0.1:" + TcpProbeTest.refusingTarget().port());
        assertThat(probes.check(through(refusing), "5s")).contains("Connection refused");
    }

    @Test
    void eachProbeHasItsOwnProxy() throws Exception {
        // Given
        try (TestServer one = TestServer.answering(OK);
                TestServer other = TestServer.answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
                TestServer server = TestServer.answering(OK)) {
            // When / Then
            assertThat(probes.check(through(one.url("")), "5s")).isEmpty();
            assertThat(probes.check(through(other.url("")), "5s")).contains("HTTP 503");
            assertThat(probes.check(server.http(), "5s")).isEmpty();
            assertThat(one.accepted).hasValue(1);
            assertThat(other.accepted).hasValue(1);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private Optional<String> checkAnswer(String answer) throws Exception {
        try (TestServer server = TestServer.answering(answer)) {
            return probes.check(server.http(), "5s");
        }
    }

    private static Probe.Target through(URI proxy) {
        return new Probe.Target.Http(URI.create("http://egress.health/"), Optional.of(proxy));
    }

    private static void writeForever(Socket client) throws IOException {
        TestServer.write(client, "HTTP/1.1 200 OK\r\n\r\n");
        while (true) {
            TestServer.write(client, "and so on ".repeat(100));
        }
    }
}
