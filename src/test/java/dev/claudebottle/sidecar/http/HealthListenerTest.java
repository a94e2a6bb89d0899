package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.config.HttpAddress;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the health address answers; the test's server listens there. */
@QuarkusTest
class HealthListenerTest {

    @TestHTTPResource
    URI server;

    @BeforeEach
    void begin() {
        HealthListener.set(new HttpAddress("127.0.0.1", server.getPort()));
    }

    @AfterEach
    void reset() {
        HealthListener.set(null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/q/health",
                "/q/health/live",
                "/q/health/ready",
                "/q/health/started",
                "/q/metrics",
                "/q/health/live?",
                "/q/metrics?name=/status"
            })
    void answersForHealthAndMetricsWhateverTheHost(String path) throws IOException {
        assertThat(status("GET", path, "localhost")).isIn(200, 503);
        assertThat(status("GET", path, "evil.example")).isIn(200, 503);
        assertThat(status("HEAD", path, "bottle-guard.agents.svc:9181")).isIn(200, 503);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/status",
                "/events",
                "/nowhere",
                "/q",
                "/q/",
                "/q/anything",
                "/q/health/",
                "/q/health/group",
                "/q/health/group/x",
                "/q/health/well",
                "/q/health/live/",
                "/q/health/live/x",
                "/q/metrics/",
                "/q/metrics/application",
                "/q/openapi",
                "//q/health",
                "/q//health",
                "/q/./health",
                "/q/health/../metrics",
                "/q/health/../../status",
                "/q/health/..%2f..%2fstatus",
                "/q/health/%2e%2e/%2e%2e/status",
                "/q/%68ealth",
                "/%71/health",
                "/q/health%2flive",
                "/q/health%3f",
                "/q/health;x=y",
                "/q;x=y/health",
                "/q/health%00",
                "/Q/HEALTH",
                "/q/health/live&x",
                "http://localhost/q/health",
                "http://localhost/status",
                "http://localhost",
                "*",
            })
    void hasNothingElse(String target) throws IOException {
        assertThat(status("GET", target, "localhost")).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /q/health",
        "PUT, /q/health/live",
        "DELETE, /q/metrics",
        "OPTIONS, /q/health",
        "TRACE, /q/metrics"
    })
    void answersGetAndHeadAlone(String method, String path) throws IOException {
        assertThat(status(method, path, "localhost")).isEqualTo(405);
    }

    @Test
    void anotherAddressWithTheSamePortIsTheMainOne() throws IOException {
        // Given
        HealthListener.set(new HttpAddress("127.0.0.2", server.getPort()));
        // Then
        assertThat(status("GET", "/status", "localhost")).isEqualTo(200);
        assertThat(status("GET", "/q/health", "evil.example")).isEqualTo(421);
    }

    @Test
    void allAddressesAreTheHealthAddressOnItsPortAlone() throws IOException {
        // Given
        HealthListener.set(new HttpAddress("::", server.getPort()));
        assertThat(status("GET", "/status", "localhost")).isEqualTo(404);
        // When
        HealthListener.set(new HttpAddress("::", server.getPort() - 1));
        // Then
        assertThat(status("GET", "/status", "localhost")).isEqualTo(200);
    }

    private int status(String method, String target, String host) throws IOException {
        String request = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            byte[] start = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            return Integer.parseInt(new String(start, StandardCharsets.US_ASCII).split(" ")[1]);
        }
    }
}
