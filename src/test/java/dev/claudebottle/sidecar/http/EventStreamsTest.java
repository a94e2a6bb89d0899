package dev.claudebottle.sidecar.http;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.events.EventLog;
import dev.claudebottle.sidecar.events.Notifications;
import dev.claudebottle.sidecar.events.Publisher;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Notification;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /events} on a bare Vert.x server, with a heartbeat of the test's choice. */
class EventStreamsTest {

    private static final Duration NEVER = Duration.ofHours(1);

    private String output = "x".repeat(3700);

    private final Vertx vertx = Vertx.vertx();
    private final Publisher publisher =
            new Publisher(Notifications.bundle(List.of(), 1), (_, _) -> _ -> List.of(output), line -> {});
    private final EventLog log = publisher.log();
    private final List<SseClient> clients = new ArrayList<>();
    private EventStreams streams;
    private int port;
    private long published;

    @AfterEach
    void close() throws Exception {
        for (SseClient client : clients) {
            client.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
    }

    @Test
    void sendsTheEventsThatAreKeptAndThenNewOnes() throws Exception {
        // Given
        serve(NEVER);
        publish(3);

        // When
        SseClient client = client("GET", "");

        // Then
        assertThat(client.head())
                .startsWith("HTTP/1.0 200 OK")
                .contains("content-type: text/event-stream", "cache-control: no-store");
        assertThat(client.numbers(3)).containsExactly(1L, 2L, 3L);
        publish(2);
        assertThat(client.numbers(2)).containsExactly(4L, 5L);
    }

    @Test
    void anEventIsItsIdAndItsJsonOnOneLineEach() throws Exception {
        // Given
        serve(NEVER);
        publish(1);
        String id = log.after(0).orElseThrow().id();

        // When
        SseClient client = client("GET", "");

        // Then
        client.head();
        assertThat(client.line()).isEqualTo("id: " + id);
        assertThat(client.line())
                .isEqualTo("data: " + log.after(0).orElseThrow().json());
        assertThat(client.line()).isEmpty();
    }

    @Test
    void answersBeforeAnythingHasHappened() throws Exception {
        // Given
        serve(NEVER);

        // When
        SseClient client = client("GET", "");

        // Then
        assertThat(client.head()).startsWith("HTTP/1.0 200 OK");
        publish(1);
        assertThat(client.numbers(1)).containsExactly(1L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/*",
                "text/*",
                "text/event-stream",
                "text/event-stream;data=unknown",
                "text/html, */*;q=0.1",
                "text/html, text/plain;q=0",
                "application/json",
                "x"
            })
    void everyOtherAcceptGetsTheStreamOfObjects(String accept) throws Exception {
        // Given
        serve(NEVER);
        publish(1);

        // When
        SseClient client = client("GET", "Accept: " + accept + "\r\n");

        // Then
        assertThat(client.head()).contains("content-type: text/event-stream", "vary: accept");
        assertThat(client.line()).startsWith("id: ");
        assertThat(client.line())
                .isEqualTo("data: " + log.after(0).orElseThrow().json());
        publish(1);
        assertThat(client.numbers(1)).containsExactly(2L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "Text/Plain"})
    void asPlainTextItIsALineForEachKeptEventAndEnds(String accept) throws Exception {
        // Given
        serve(NEVER);
        publish(2);

        // When
        SseClient client = client("GET", "Accept: " + accept + "\r\n");

        // Then
        assertThat(client.head()).contains("content-type: text/plain");
        for (long number = 0; number < 2; number++) {
            assertThat(client.line()).isEqualTo(EventLine.of(log.after(number).orElseThrow()));
        }
        assertThat(client.line()).isNull();
        await().atMost(20, SECONDS).until(() -> streams.count() == 0);
    }

    @Test
    void asJsonLinesItIsTheKeptEventsInAsciiAndEnds() throws Exception {
        // Given
        output = "caf\u00e9 \u202e";
        serve(NEVER);
        publish(2);
        String last = log.after(0).orElseThrow().id();

        // When
        SseClient client = client("GET", "Accept: application/x-ndjson\r\nLast-Event-ID: " + last + "\r\n");

        // Then
        assertThat(client.head()).contains("content-type: application/x-ndjson");
        String line = client.line();
        assertThat(line).matches("[ -~]+").contains("caf\\u00e9 \\u202e");
        assertThat(new JsonObject(line))
                .isEqualTo(new JsonObject(log.after(1).orElseThrow().json()));
        assertThat(client.line()).isNull();
    }

    @Test
    void beforeTheFirstEventWhatEndsIsEmpty() throws Exception {
        // Given
        serve(NEVER);

        // When
        SseClient client = client("GET", "Accept: text/plain\r\n");

        // Then
        client.head();
        assertThat(client.line()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"line, 2026-\\d\\d-.* egress exited with code .*", "ascii, \\{.*caf\\\\u00e9.*\\}"})
    void aLiveStreamForTerminalsHasTheIdsAndTheHeartbeat(String data, String pattern) throws Exception {
        // Given
        output = "caf\u00e9";
        serve(Duration.ofMillis(20));
        publish(1);

        // When
        SseClient client = client("GET", "Accept: text/event-stream;data=" + data + "\r\n");

        // Then
        assertThat(client.head()).contains("content-type: text/event-stream");
        assertThat(client.line()).isEqualTo("id: " + log.after(0).orElseThrow().id());
        assertThat(client.line())
                .startsWith("data: ")
                .matches("data: " + pattern)
                .matches("[ -~]+");
        assertThat(client.line()).isEmpty();
        assertThat(client.line()).isEqualTo(":");
    }

    @Test
    void resumesAfterTheLastEventId() throws Exception {
        // Given
        serve(NEVER);
        publish(5);

        // When
        SseClient client =
                client("GET", "Last-Event-ID: " + log.after(2).orElseThrow().id() + "\r\n");

        // Then
        client.head();
        assertThat(client.numbers(2)).containsExactly(4L, 5L);
    }

    @Test
    void anUnknownLastEventIdReplaysAllThatIsKept() throws Exception {
        // Given
        serve(NEVER);
        publish(1005);

        // When
        SseClient client = client("GET", "Last-Event-ID: another-boot-7\r\n");

        // Then
        client.head();
        assertThat(client.numbers(1000))
                .isEqualTo(LongStream.rangeClosed(6, 1005).boxed().toList());
    }

    @Test
    void sendsHeartbeatsToAClient() throws Exception {
        // Given
        serve(Duration.ofMillis(20));

        // When
        SseClient client = client("GET", "");

        // Then
        client.head();
        for (int beat = 0; beat < 3; beat++) {
            assertThat(client.line()).isEqualTo(":");
            assertThat(client.line()).isEmpty();
        }
    }

    @Test
    void forgetsAClientThatCloses() throws Exception {
        // Given
        serve(Duration.ofMillis(20));
        client("GET", "").head();
        assertThat(streams.count()).isEqualTo(1);

        // When
        clients.getFirst().close();

        // Then
        await().atMost(20, SECONDS).until(() -> streams.count() == 0);
        SseClient next = client("GET", "");
        next.head();
        assertThat(next.line()).isEqualTo(":");
    }

    @Test
    void aClientThatDoesNotReadHoldsNoMoreThanItsConnectionDoesAndMissesWhatIsDropped() throws Exception {
        // Given
        serve(NEVER);
        SseClient slow = client("GET", "");
        slow.head();
        SseClient quick = client("GET", "");
        quick.head();

        // When: some 20 MB, far more than both ends of a connection take
        for (int round = 0; round < 50; round++) {
            publish(100);
            assertThat(quick.numbers(100)).hasSize(100).endsWith(100L * (round + 1));
        }

        // Then
        List<Long> seen = new ArrayList<>();
        while (seen.isEmpty() || seen.getLast() < 5000) {
            seen.addAll(slow.numbers(1));
        }
        assertThat(seen).isSorted().doesNotHaveDuplicates().startsWith(1L, 2L, 3L);
        assertThat(seen).contains(LongStream.rangeClosed(4001, 5000).boxed().toArray(Long[]::new));
        assertThat(seen.size()).isLessThan(4900);
    }

    @Test
    void refusesMoreThanThirtyTwoClients() throws Exception {
        // Given
        serve(NEVER);
        for (int i = 0; i < EventStreams.MAX_CLIENTS; i++) {
            assertThat(client("GET", "").head()).startsWith("HTTP/1.0 200 OK");
        }

        // When / Then
        assertThat(client("GET", "").head()).startsWith("HTTP/1.0 503 Service Unavailable");
        clients.getFirst().close();
        await().atMost(20, SECONDS).until(() -> streams.count() == EventStreams.MAX_CLIENTS - 1);
        assertThat(client("GET", "").head()).startsWith("HTTP/1.0 200 OK");
    }

    @Test
    void headEndsAtOnce() throws Exception {
        // Given
        serve(NEVER);
        publish(1);

        // When
        SseClient client = client("HEAD", "");

        // Then
        assertThat(client.head()).startsWith("HTTP/1.0 200 OK").contains("content-type: text/event-stream");
        assertThat(client.line()).isNull();
        assertThat(streams.count()).isZero();
    }

    private void serve(Duration heartbeat) throws Exception {
        publisher.start();
        streams = new EventStreams(log, vertx, heartbeat);
        Router router = Router.router(vertx);
        router.route("/events").handler(streams);
        HttpServer server = vertx.createHttpServer().requestHandler(router);
        port = server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, SECONDS)
                .actualPort();
    }

    /** Publishes exits, each with 4 kB of output by default. */
    private void publish(int count) {
        Notifications notifications = new Notifications();
        notifications.of(new Event.Begin());
        notifications.of(new Event.Started("egress", 12));
        Notification exited = notifications.of(new Event.Exited("egress", new ExitStatus.Code(1), false, null)).stream()
                .filter(notification -> notification.type() == Notification.Type.DAEMON_EXITED)
                .findFirst()
                .orElseThrow();
        for (int i = 0; i < count; i++) {
            publisher.publish(exited);
        }
        published += count;
        await().atMost(20, SECONDS)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> log.after(published - 1).isPresent());
    }

    private SseClient client(String method, String header) throws IOException {
        SseClient client = new SseClient(port, method, header);
        clients.add(client);
        return client;
    }
}
