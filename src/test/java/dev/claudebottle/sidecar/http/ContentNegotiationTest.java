package dev.claudebottle.sidecar.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /status} is always 200, whatever {@code Accept} says. */
@QuarkusTest
class ContentNegotiationTest {

    @TestHTTPResource("/status")
    URI status;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "TEXT/PLAIN",
                "text/plain;charset=utf-8",
                "text/*",
                "text/plain, */*",
                "text/plain, application/json",
                "application/json;q=0.5, text/plain",
                "text/html, text/plain;q=0.1",
                "text/plain;q=0.5, */*;q=0.5",
                "application/json;q=0.1, */*",
                "application/json;q=0, */*",
            })
    void answersTextToAClientThatPrefersIt(String accept) {
        assertThat(typeFor(accept)).isEqualTo("text/plain");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/*",
                "application/json",
                "application/*",
                "text/html",
                "image/png",
                "application/json, text/plain, */*",
                "text/plain;q=0.5, application/json;q=0.9",
                "text/plain;q=0.5, */*",
                "text/plain;q=0",
                "text/plain;q=0, */*",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "nonsense",
                "",
                ";;;",
                "a/b/c",
                "/plain",
            })
    void answersJsonToEveryOtherClient(String accept) {
        assertThat(typeFor(accept)).isEqualTo("application/json");
    }

    @Test
    void answersJsonWithoutAccept() throws Exception {
        // REST Assured always sends an Accept
        try (HttpClient client = HttpClient.newHttpClient()) {
            var response = client.send(HttpRequest.newBuilder(status).build(), BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        }
    }

    private static String typeFor(String accept) {
        var response = given().header("Accept", accept).get("/status");
        assertThat(response.statusCode()).isEqualTo(200);
        return response.contentType();
    }
}
