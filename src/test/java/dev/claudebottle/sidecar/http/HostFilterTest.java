package dev.claudebottle.sidecar.http;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.events.HostName;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class HostFilterTest {

    @TestHTTPResource
    URI server;

    @AfterEach
    void reset() {
        HostFilter.setConfigured("localhost");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.0.0.1:9180",
                "192.0.2.7:80",
                "[::1]",
                "[::1]:9180",
                "[2001:DB8::7]",
                "[::ffff:127.0.0.1]:9180",
                "localhost",
                "localhost:9180",
                "localhost:",
                "LocalHost",
                "localhost.",
            })
    void answersForAddressesAndLocalhost(String host) throws IOException {
        assertThat(status("/status", host)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:9180",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "xlocalhost",
                "foo.localhost",
                "localhost..",
                "localhost,evil.example",
                "1.2.3",
                "1.2.3.256",
                "127.1",
                "0x7f000001",
                "[evil.example]",
                "[127.0.0.1]",
                "[::1::]",
                "%6cocalhost",
                ".",
                "",
            })
    void refusesOtherHosts(String host) throws IOException {
        assertThat(status("/status", host)).isEqualTo(421);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/status", "/events", "/q/health", "/q/health/live", "/q/metrics", "/", "/nowhere"})
    void refusesThemForEveryPath(String path) throws IOException {
        assertThat(status(path, "evil.example")).isEqualTo(421);
    }

    @Test
    void refusesThemForEveryMethod() throws IOException {
        assertThat(status("POST /status HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n"))
                .isEqualTo(421);
    }

    @Test
    void answersForTheNameOfThisMachine() throws IOException {
        assertThat(status("/status", HostName.get())).isEqualTo(200);
        assertThat(status("/status", HostName.get().toUpperCase(Locale.ROOT) + ".:9180"))
                .isEqualTo(200);
        assertThat(status("/status", HostName.get() + ".evil.example")).isEqualTo(421);
    }

    @Test
    void answersForTheConfiguredName() throws IOException {
        // Given
        assertThat(status("/status", "status.sidecars:9180")).isEqualTo(421);
        HostFilter.setConfigured("status.sidecars");
        // Then
        assertThat(status("/status", "status.sidecars:9180")).isEqualTo(200);
        assertThat(status("/status", "Status.Sidecars.")).isEqualTo(200);
        assertThat(status("/status", "sidecars")).isEqualTo(421);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Host: localhost\r\nHost: evil.example\r\n",
                "Host: localhost\r\nHost: localhost\r\n",
                "Host: a b\r\n",
                "Host: me@localhost\r\n",
                "Host: localhost:99999\r\n",
                "Host: http://localhost\r\n",
            })
    void aRequestWithoutExactlyOneWellFormedHostIsMalformed(String headers) throws IOException {
        assertThat(status("GET /status HTTP/1.1\r\n" + headers + "\r\n")).isEqualTo(400);
    }

    @Test
    void anOldClientNeedsNoHost() throws IOException {
        assertThat(status("GET /status HTTP/1.0\r\n\r\n")).isEqualTo(200);
        assertThat(status("GET /status HTTP/1.0\r\nHost: evil.example\r\n\r\n")).isEqualTo(421);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:9180/status, localhost, 200",
        "http://evil.example/status, localhost, 421",
        "HTTP://evil.example:9180/status, localhost, 421",
        "https://evil.example?x=://localhost/status, localhost, 421",
        "x://evil.example/status, localhost, 421",
        "http://localhost/status, evil.example, 421",
        "http:///status, evil.example, 421",
        "http://me@localhost/status, localhost, 400",
    })
    void theHostInAnAbsoluteTargetMustBeOursAsWell(String target, String host, int status) throws IOException {
        assertThat(status(target, host)).isEqualTo(status);
    }

    @Test
    void whatAProxySaysAboutTheHostDoesNotCount() throws IOException {
        String request = "GET /status HTTP/1.1\r\nHost: evil.example\r\nForwarded: host=localhost\r\n"
                + "X-Forwarded-Host: localhost\r\n:authority: localhost\r\n\r\n";
        assertThat(status(request)).isIn(400, 421);
    }

    @Test
    void doesNotSpeakHttp2() throws IOException {
        assertThat(status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).isEqualTo(400);
        assertThat(answer("GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                        + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void saysWhatToDoAndRepeatsNothingOfTheRequest() {
        // When
        var response = given().header("Host", "evil.example").get("/status?evil");
        // Then
        assertThat(response.contentType()).isEqualTo("text/plain");
        assertThat(response.body().asString())
                .matches("cannot answer for this host: expected .*; ask for .*\n")
                .doesNotContain("evil");
        assertThat(given().header("Host", "evil.example").head("/status").statusCode())
                .isEqualTo(421);
    }

    private int status(String target, String host) throws IOException {
        return status("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    private int status(String request) throws IOException {
        return Integer.parseInt(answer(request).split(" ")[1]);
    }

    /** The first bytes of it. */
    private String answer(String request) throws IOException {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), US_ASCII);
        }
    }
}
