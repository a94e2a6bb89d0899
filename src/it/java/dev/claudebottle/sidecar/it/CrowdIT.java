package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No crowd of connections makes health fail, and no client holds a connection for ever by being slow. */
@NeedsNamespaces
class CrowdIT {

    /** As many connections as the web server has at most. */
    private static final int ALL = 128;

    private static final List<String> HEALTH = List.of("/q/health/live", "/q/health/ready", "/q/health/started");
    private static final int ROUNDS = 30;

    @Test
    void requestsThatDripInNeverMakeHealthFail() throws Exception {
        // Given
        try (Program program = start();
                Crowd crowd = Crowd.dripping(program.http.port(), ALL)) {
            // When / Then
            healthAnswers(program);
            program.awaitThat("end of each", () -> crowd.closed() >= ALL);
            healthAnswers(program);
            saysNothing(program);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HT", "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"})
    void connectionsThatDoNothingMoreNeverMakeHealthFail(String sent) throws Exception {
        // Given
        try (Program program = start();
                Crowd _ = Crowd.sending(program.http.port(), ALL, sent)) {
            // When / Then
            healthAnswers(program);
            saysNothing(program);
        }
    }

    @Test
    void aCrowdDoesNotEndAnEventStream() throws Exception {
        // Given
        try (Program program = start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("daemon.started", 1);

            // When
            try (Crowd _ = Crowd.sending(program.http.port(), 2 * ALL, "")) {
                healthAnswers(program);
                program.kill("pipelock");

                // Then
                stream.await("daemon.exited", 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /q/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"})
    void aRequestThatDripsInIsEnded(String before) throws Exception {
        // Given: a connection, new or kept alive
        try (Program program = start();
                RawClient client = new RawClient(program);
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            client.send(before);
            if (!before.isEmpty()) {
                assertThat(client.head()).startsWith("HTTP/1.1 200 OK");
            }

            // When
            clock.scheduleWithFixedDelay(() -> drip(client), 0, 100, TimeUnit.MILLISECONDS);

            // Then
            client.awaitClose();
            clock.shutdownNow();
            saysNothing(program);
        }
    }

    @Test
    void aRequestBehindOneThatHasNoAnswerYetEndsTheConnection() throws Exception {
        // Given
        try (Program program = start();
                RawClient client = new RawClient(program)) {
            client.send(RawClient.request("/events"));
            assertThat(client.head()).startsWith("HTTP/1.1 200 OK");

            // When
            client.send(RawClient.request("/status"));

            // Then
            client.awaitClose();
            saysNothing(program);
        }
    }

    @Test
    void aDrippingCrowdAtTheHealthAddressMakesHealthFailNeitherThereNorElsewhere() throws Exception {
        // Given
        int port = ProgramBuilder.freePort();
        try (Program program = start("127.0.0.1:" + port);
                Crowd crowd = Crowd.dripping(port, ALL)) {
            // When / Then
            healthAnswers(port);
            healthAnswers(program);
            program.awaitThat("end of each", () -> crowd.closed() >= ALL);
            healthAnswers(port);
            healthAnswers(program);
            saysNothing(program);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /q/me", "GET /q/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"})
    void aCrowdAtTheHealthAddressClosesNoConnectionElsewhere(String sent) throws Exception {
        // Given: a connection that is kept alive
        int port = ProgramBuilder.freePort();
        try (Program program = start("127.0.0.1:" + port);
                RawClient operator = new RawClient(program)) {
            operator.send("HEAD /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(operator.head()).startsWith("HTTP/1.1 200 OK");

            // When
            try (Crowd _ = Crowd.sending(port, 2 * ALL, sent)) {
                healthAnswers(port);
                operator.send(RawClient.request("/status"));

                // Then
                assertThat(operator.head()).startsWith("HTTP/1.1 200 OK");
            }
            saysNothing(program);
        }
    }

    @Test
    void aCrowdElsewhereClosesNoConnectionToTheHealthAddress() throws Exception {
        // Given
        int port = ProgramBuilder.freePort();
        try (Program program = start("127.0.0.1:" + port);
                RawClient kubelet = new RawClient(port)) {
            kubelet.send("HEAD /q/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(kubelet.head()).startsWith("HTTP/1.1 200 OK");

            // When
            try (Crowd _ = Crowd.sending(program.http.port(), 2 * ALL, "")) {
                healthAnswers(program);
                kubelet.send(RawClient.request("/q/health/live"));

                // Then
                assertThat(kubelet.head()).startsWith("HTTP/1.1 200 OK");
            }
        }
    }

    private static Program start() throws IOException {
        return start("");
    }

    private static Program start(String healthAddress) throws IOException {
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);
        Program program = ProgramBuilder.of(bundle)
                .env("CLAUDE_BOTTLE_SIDECAR_HEALTH_ADDRESS", healthAddress)
                .start();
        program.awaitUp("egress", "pipelock");
        program.awaitHttp();
        return program;
    }

    /** Each request has a connection of its own, as a kubelet's does. */
    private static void healthAnswers(Program program) throws IOException {
        healthAnswers(program.http.port());
    }

    private static void healthAnswers(int port) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            for (String path : HEALTH) {
                try (RawClient client = new RawClient(port)) {
                    client.send(RawClient.request(path));
                    assertThat(client.head()).as(path).startsWith("HTTP/1.1 200 OK");
                }
            }
        }
    }

    private static void saysNothing(Program program) {
        assertThat(program.ownLines()).containsExactly("starting egress", "starting pipelock");
        assertThat(program.errors()).isEmpty();
    }

    /** Ends its own repetition once the connection is closed. */
    private static void drip(RawClient client) {
        try {
            client.send("x");
        } catch (IOException closed) {
            throw new IllegalStateException(closed);
        }
    }
}
