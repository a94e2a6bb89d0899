package dev.claudebottle.sidecar.http;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class ReadOnlyFilterTest {

    @TestHTTPResource
    URI server;

    @ParameterizedTest
    @CsvSource({
        "POST, /status",
        "PUT, /status",
        "DELETE, /status",
        "PATCH, /status",
        "OPTIONS, /status",
        "TRACE, /status",
        "MADEUP, /status",
        "POST, /q/health",
        "PUT, /q/health/live",
        "DELETE, /q/health/ready",
        "POST, /nowhere",
    })
    void refusesAllMethodsButGetAndHead(String method, String path) {
        var response = when().request(method, path);
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.header("Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void refusesABodyOfAnySize() {
        given().body(new byte[5_000_000]).when().post("/status").then().statusCode(405);
        when().get("/status").then().statusCode(200);
    }

    @Test
    void hasNoOtherPages() {
        when().get("/nowhere").then().statusCode(404);
        when().get("/q/").then().statusCode(404);
    }

    @Test
    void refusesHugeHeaders() {
        given().header("X", "x".repeat(100_000)).when().get("/status").then().statusCode(431);
    }

    @ParameterizedTest
    @CsvSource({"''", "'Host: a b\r\n'", "'Host: evil:99999\r\n'"})
    void refusesARequestWithoutAProperHost(String host) throws IOException {
        assertThat(statusLine("GET /status HTTP/1.1\r\n" + host + "\r\n")).isEqualTo("HTTP/1.1 400 Bad Request");
    }

    @Test
    void refusesMalformedRequests() throws IOException {
        assertThat(statusLine("good morning\r\n\r\n")).isEqualTo("HTTP/1.0 400 Bad Request");
    }

    private String statusLine(String request) throws IOException {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine();
        }
    }
}
