package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stop: its signals, grace periods and exit. */
@NeedsNamespaces
class StopIT {

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void theFirstTermOrIntStopsAllAndObedientDaemonsGiveExitZero(String signal) throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.signal(signal);
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines())
                    .contains(
                            "shutting down (SIG" + signal + "); forwarding SIGTERM",
                            "egress exited with code 143 (SIGTERM)",
                            "pipelock exited with code 143 (SIGTERM)")
                    .noneMatch(line -> line.contains("SIGKILL"));
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit 0");
        }
    }

    @Test
    void aStopWorksWhenItIsNotPid1() throws Exception {
        // Given
        BundleText bundle =
                bundle("stop_grace_period: 300ms").daemon("egress", OBEDIENT).daemon("deaf", IGNORES_TERM);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitUp("egress", "deaf");
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).contains("grace (300ms) elapsed; SIGKILL on deaf");
        }
    }

    @Test
    void aDaemonThatIgnoresItsStopSignalGetsSigkillAtTheGrace() throws Exception {
        // Given
        Duration grace = Duration.ofMillis(500);
        BundleText bundle = bundle("stop_grace_period: 500ms")
                .daemon("deaf", IGNORES_TERM)
                .daemon("egress", OBEDIENT)
                .daemon("deafer", IGNORES_TERM);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("deaf", "egress", "deafer");
            long began = System.nanoTime();
            program.signal("TERM");
            int code = program.exitCodeWithin(grace.plusMillis(1500));

            // Then
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(grace);
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "egress exited with code 143 (SIGTERM)",
                            "grace (500ms) elapsed; SIGKILL on deaf, deafer")
                    .contains("deaf exited with code 137 (SIGKILL)", "deafer exited with code 137 (SIGKILL)");
            assertThat(code).isZero();
        }
    }

    @Test
    void aDaemonsOwnGraceBringsItsSigkillForward() throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 8s").daemon("deaf", IGNORES_TERM, "stop_grace_period: 200ms");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("deaf");
            program.signal("TERM");
            int code = program.exitCodeWithin(Duration.ofSeconds(7));

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).contains("grace (200ms) elapsed; SIGKILL on deaf");
        }
    }

    @Test
    void aDaemonGetsItsOwnStopSignal() throws Exception {
        // Given
        BundleText bundle = bundle().daemon(
                        "egress",
                        "trap 'echo got TERM' TERM; trap 'echo got USR2; exit 0' USR2; echo up;"
                                + " while :; do sleep 0.02; done",
                        "stop_signal: SIGUSR2");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.linesOf("egress")).contains("got USR2").doesNotContain("got TERM");
        }
    }

    @Test
    void aSecondTermAtLeastASecondLaterMeansSigkillNow() throws Exception {
        // Given
        BundleText bundle =
                bundle("stop_grace_period: 60s").daemon("deaf", IGNORES_TERM).daemon("deafer", IGNORES_TERM);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("deaf", "deafer");
            program.signal("TERM");
            long first = System.nanoTime();
            program.awaitLine("sidecar-init: shutting down (SIGTERM); forwarding SIGTERM");
            program.signal("TERM");
            await().until(() ->
                    System.nanoTime() - first > Duration.ofMillis(1100).toNanos());
            boolean aliveAfterTheEarlyOne = program.isAlive();
            program.signal("INT");
            int code = program.exitCode();

            // Then
            assertThat(aliveAfterTheEarlyOne).isTrue();
            assertThat(program.ownLines()).contains("SIGINT again; SIGKILL on deaf, deafer");
            assertThat(code).isZero();
        }
    }

    @Test
    void aTermDuringTheStartOfManyDaemonsStopsAllThatWereStarted() throws Exception {
        // Given
        BundleText bundle = bundle();
        IntStream.range(0, 200).forEach(i -> bundle.daemon("guard-" + i, "exec sleep 1000"));

        // When
        try (Program program = ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitLine("sidecar-init: starting guard-1");
            program.signal("TERM");
            int code = program.exitCode();

            // Then
            long started = program.ownLines().stream()
                    .filter(line -> line.startsWith("starting "))
                    .count();
            assertThat(program.ownLines().stream().filter(line -> line.endsWith(" exited with code 143 (SIGTERM)")))
                    .hasSize((int) started);
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit 0");
            assertThat(code).isZero();
        }
    }

    @Test
    void aDaemonThatExitsOnTheStopIsReportedAndNotRestarted() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "trap 'exit 4' TERM; echo up; while :; do sleep 0.02; done");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.stop();

            // Then
            assertThat(program.ownLines())
                    .containsExactly(
                            "starting egress",
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "egress exited with code 4",
                            "exit 4");
        }
    }

    @Test
    void aHungHttpClientDoesNotDelayTheStop() throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 500ms").daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("http", program.http::answers);
            try (var hung = new Socket("127.0.0.1", program.http.port())) {
                hung.getOutputStream().write("GET /status HTTP/1.1\r\nHost: x\r\nX-Endless: ".getBytes());
                program.signal("TERM");
                int code = program.exitCodeWithin(Duration.ofMillis(2000));

                // Then
                assertThat(code).isZero();
            }
        }
    }
}
