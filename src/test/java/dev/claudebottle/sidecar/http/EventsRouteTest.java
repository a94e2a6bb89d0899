package dev.claudebottle.sidecar.http;

import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class EventsRouteTest {

    @Inject
    FakeSupervisor supervisor;

    @TestHTTPResource("/events")
    URI url;

    @BeforeEach
    void reset() {
        supervisor.reset();
    }

    @Test
    void sendsTheEventOfADeath() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        try {
            // Given
            HttpResponse<Stream<String>> response =
                    client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofLines());
            Iterator<String> lines = response.body().iterator();

            // When
            supervisor.allStarted();
            supervisor.exited("egress", 7);

            // Then
            assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
            String line = lines.next();
            while (!line.contains("daemon.exited") || !line.contains("\"code\":7")) {
                line = lines.next();
            }
            JsonObject event = new JsonObject(line.substring("data: ".length()));
            assertThat(event.getString("subject")).isEqualTo("egress");
            assertThat(event.getString("time")).isEqualTo("2026-11-22T15:00:10.123Z");
            assertThat(event.getJsonObject("data").encode()).isEqualTo("""
                    {"state":"exited","pid":11,"code":7,"signal":null,"reason":"exit","error":null,"oomKilled":null,"restarts":0,\
                    "nextStartInSeconds":null,"gapSeconds":null,"planned":false,"output":["last words"]}""");
        } finally {
            // close() would wait for the end of the stream, also after a failure
            client.shutdownNow();
        }
    }

    @Test
    void headSendsTheTypeAlone() {
        // When
        var head = when().head("/events");
        // Then
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.contentType()).isEqualTo("text/event-stream");
        assertThat(head.asString()).isEmpty();
    }

    @Test
    void nobodyCanPublish() {
        assertThat(when().post("/events").statusCode()).isEqualTo(405);
    }
}
