package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.QUICK;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.BundleText.dies;
import static dev.claudebottle.sidecar.it.Program.LEAVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code failure_policy: restart}. */
@NeedsNamespaces
class RestartIT {

    private static final String RESTART = "failure_policy: restart";
    private static final Pattern DELAY = Pattern.compile("egress .*; restarting in ([0-9.]+) s");
    private static final Pattern RECOVERY = Pattern.compile("egress is ready again after ([0-9.]+) s");

    /** The bounds of the jitter, for a number with two decimals. */
    private static final double JITTER = 0.1;

    private static final double ROUNDING = 0.0051;

    @TempDir
    Path directory;

    /** The numbers in egress' lines of this form. */
    private static List<Double> numbers(Program program, Pattern form) {
        return program.ownLines().stream()
                .flatMap(line -> form.matcher(line).results())
                .map((MatchResult found) -> Double.valueOf(found.group(1)))
                .toList();
    }

    private static void assertDelays(List<Double> delays, double... expected) {
        assertThat(delays).hasSizeGreaterThanOrEqualTo(expected.length);
        IntStream.range(0, expected.length)
                .forEach(i -> assertThat(delays.get(i))
                        .as("delay %d of %s", i, delays)
                        .isCloseTo(expected[i], within(expected[i] * JITTER + ROUNDING)));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> gaps(Program program) {
        return (Map<String, Object>) program.http.daemon("egress").get("gaps");
    }

    private static double seconds(Map<String, Object> gaps) {
        return ((Number) gaps.get("seconds")).doubleValue();
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aDeadDaemonIsStartedAgainAndTheGapIsReported(boolean init) throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 300ms, max_delay: 30s}")
                .daemon("egress", OBEDIENT)
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = init
                ? ProgramBuilder.of(bundle).start()
                : ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitHttp();
            int first = program.kill("egress");
            program.awaitStart("egress", 2);
            Map<String, Object> egress = program.http.daemon("egress");
            Map<String, Object> pipelock = program.http.daemon("pipelock");
            Map<String, Object> gaps = gaps(program);
            int health = program.http.health("ready");
            int code = program.stop();

            // Then
            assertThat(egress)
                    .containsEntry("restarts", 1)
                    .containsEntry("ready", true)
                    .containsEntry("crashLooping", false)
                    .containsEntry("nextStartAt", null)
                    .containsEntry("failurePolicy", "restart");
            assertThat((Map<?, ?>) egress.get("lastExit"))
                    .extracting("code", "signal", "error")
                    .containsExactly(137, "SIGKILL", null);
            assertThat(egress.get("pid")).isNotEqualTo(first).isNotNull();
            assertThat(pipelock).containsEntry("starts", 1).containsEntry("restarts", 0);
            assertThat(gaps).containsEntry("open", false).containsEntry("count", 1);
            assertThat(seconds(gaps)).isGreaterThan(0.3 * (1 - JITTER));
            assertThat(health).isEqualTo(200);
            assertThat(program.ownLines().stream()
                            .filter(line -> line.contains("egress"))
                            .map(line -> line.replaceAll("[0-9]+\\.[0-9]+ s", "T s"))
                            .filter(line -> !line.startsWith("shutting")))
                    .containsExactly(
                            "starting egress",
                            "egress exited with code 137 (SIGKILL); restarting in T s",
                            "starting egress",
                            "egress is ready again after T s",
                            "egress exited with code 143 (SIGTERM)");
            assertThat(program.ownLines()).anyMatch(line -> line.matches("egress .*; restarting in 0\\.[0-9]{2} s"));
            assertDelays(numbers(program, DELAY), 0.3);
            assertThat(code).isZero();
        }
    }

    @Test
    void aChildWithAGroupOfItsOwnIsKilledBeforeTheRestartAndHoldsNoPort() throws Exception {
        // Given: a worker that holds the port, of a first process that dies
        int port = ProgramBuilder.freePort();
        String worker = "import socket, time; s = socket.socket(); s.bind((\"127.0.0.1\", " + port + "));"
                + " s.listen(); print(\"listening\", flush=True); time.sleep(1000)";
        BundleText bundle = bundle(RESTART, QUICK)
                .command(
                        "egress",
                        List.of("/bin/bash", "-c", "set -m; trap '' TERM; python3 -c '" + worker + "' & sleep 1000"));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            for (int start = 1; start <= 3; start++) {
                int listening = start;
                program.awaitThat(
                        "a worker",
                        () -> program.linesOf("egress").stream()
                                        .filter("listening"::equals)
                                        .count()
                                == listening);
                program.kill("egress");
            }

            // Then: no start found the port in use
            program.awaitStart("egress", 4);
            assertThat(program.linesOf("egress")).allMatch("listening"::equals);
        }
    }

    @Test
    void theSumOfTheGapsIsThatOfTheLinesThatEndThem() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, QUICK).daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            for (int start = 2; start <= 4; start++) {
                program.kill("egress");
                program.awaitStart("egress", start);
            }
            Map<String, Object> gaps = gaps(program);
            program.stop();

            // Then
            List<Double> lengths = numbers(program, RECOVERY);
            assertThat(lengths).hasSize(3);
            assertThat(gaps).containsEntry("open", false).containsEntry("count", 3);
            assertThat(seconds(gaps))
                    .isCloseTo(lengths.stream().mapToDouble(Double::doubleValue).sum(), within(4 * ROUNDING));
        }
    }

    @Test
    void theDelayDoublesUpToItsMaximumAndExitCodeZeroIsADeathToo() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 100ms, max_delay: 400ms}")
                .daemon("egress", dies(4, 0, directory));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.stop();

            // Then
            assertDelays(numbers(program, DELAY), 0.1, 0.2, 0.4, 0.4);
            assertThat(program.ownLines()).anyMatch(line -> line.startsWith("egress exited with code 0; restarting"));
        }
    }

    @Test
    void afterAnInitialDelayOfZeroTheFirstRestartIsAtOnceAndTheSecondAfterHalfASecond() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 0s}").daemon("egress", dies(2, 1, directory));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.stop();

            // Then
            assertDelays(numbers(program, DELAY), 0, 0.5);
        }
    }

    @Test
    void theDelayIsResetAfterTheDaemonHasBeenReadyForLong() throws Exception {
        // Given: the third start lives long
        Path lives = directory.resolve("lives");
        String script = "echo x >>" + lives + "; case $(wc -l <" + lives
                + ") in 1|2) exit 1 ;; 3) sleep 1.6; exit 1 ;; esac; " + OBEDIENT;
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 100ms, max_delay: 30s, reset_after: 1s}")
                .daemon("egress", script);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.stop();

            // Then
            assertDelays(numbers(program, DELAY), 0.1, 0.2, 0.1);
        }
    }

    @Test
    void eachDaemonHasItsOwnPolicy() throws Exception {
        // Given
        BundleText bundle = bundle(QUICK)
                .daemon("git-gate", "exit 3")
                .daemon("egress", dies(2, 4, directory), "failure_policy: restart");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            Map<String, Object> gitGate = program.http.daemon("git-gate");
            Map<String, Object> egress = program.http.daemon("egress");
            int code = program.stop();

            // Then: what a daemon did before its last start does not count
            assertThat(gitGate)
                    .containsEntry("state", "exited")
                    .containsEntry("starts", 1)
                    .containsEntry("failurePolicy", "leave");
            assertThat(egress).containsEntry("starts", 3).containsEntry("failurePolicy", "restart");
            assertThat(program.ownLines()).contains("git-gate exited with code 3" + LEAVE);
            assertThat(code).isEqualTo(3);
        }
    }

    @Test
    void aDaemonsOwnRulesReplaceSingleKeysOfTheBundles() throws Exception {
        // Given
        BundleText bundle = bundle(
                        RESTART, "restart: {initial_delay: 100ms, crash_loop_deaths: 2, crash_loop_action: leave}")
                .daemon("git-gate", "exit 3")
                .daemon("egress", dies(3, 4, directory), "restart: {max_delay: 200ms, crash_loop_deaths: 9}");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitState("git-gate", "exited");
            program.stop();

            // Then
            assertDelays(numbers(program, DELAY), 0.1, 0.2, 0.2);
            assertThat(program.ownLines())
                    .contains("git-gate is crash-looping (2 deaths in 60s)", "git-gate exited with code 3" + LEAVE)
                    .noneMatch(line -> line.startsWith("egress is crash-looping"));
        }
    }

    @Test
    void aProgramThatAppearsLaterIsPickedUp() throws Exception {
        // Given
        Path later = directory.resolve("later");
        BundleText bundle = bundle(RESTART, QUICK).command("egress", List.of(later.toString()));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            program.awaitThat(
                    "three starts", () -> (int) program.http.daemon("egress").get("starts") >= 3);
            Map<String, Object> missing = program.http.daemon("egress");
            int started = program.http.health("started");
            Path draft = Files.writeString(directory.resolve("draft"), "#!/bin/sh\n" + OBEDIENT);
            Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(draft, later);
            program.awaitUp("egress");
            program.awaitState("egress", "running");
            int startedAtLast = program.http.health("started");
            int code = program.stop();

            // Then
            assertThat(missing).containsEntry("ready", false).containsEntry("pid", null);
            assertThat((Map<?, ?>) missing.get("lastExit"))
                    .extracting("code", "signal", "error")
                    .containsExactly(127, null, "No such file or directory");
            assertThat(started).isEqualTo(503);
            assertThat(startedAtLast).isEqualTo(200);
            assertThat(program.ownLines())
                    .anyMatch(line -> line.matches(
                            "cannot start egress: " + later + ": No such file or directory; restarting in [0-9.]+ s"))
                    .anyMatch(line -> line.startsWith("egress is ready again after "))
                    .containsOnlyOnce("egress exited with code 143 (SIGTERM)");
            assertThat(code).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"0s, true", "10ms, true", "0s, false"})
    void theRestOfADeadDaemonsGroupIsKilledBeforeItsRestartSoThatNoChildKeepsThePort(String delay, boolean init)
            throws Exception {
        // Given: the shell's child has the port and ignores signals
        assumeTrue(LinuxProcess.exists("perl"), "perl is not here");
        String holdsThePort = "use IO::Socket::INET; $SIG{TERM} = $SIG{HUP} = 'IGNORE'; $| = 1;"
                + " $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => "
                + ProgramBuilder.freePort()
                + ") or die qq(no port: $!\\n); print qq(bound\\n); sleep 1000";
        BundleText bundle = bundle(
                        RESTART, "stop_grace_period: 300ms", "restart: {initial_delay: " + delay + ", max_delay: 10ms}")
                .daemon("egress", "perl -e " + quote(holdsThePort) + "; exit 1");

        // When
        try (Program program = init
                ? ProgramBuilder.of(bundle).start()
                : ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitHttp();
            for (int start = 1; start <= 3; start++) {
                int bound = start;
                program.awaitThat(
                        "port " + bound, () -> program.linesOf("egress").size() == bound);
                program.kill("egress");
            }
            program.awaitThat("the port", () -> program.linesOf("egress").size() == 4);
            int starts = (int) program.http.daemon("egress").get("starts");
            program.stop();

            // Then
            assertThat(program.linesOf("egress")).containsExactly("bound", "bound", "bound", "bound");
            assertThat(starts).isEqualTo(4);
        }
    }

    private static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    @Test
    void aDaemonInBackoffHasItsNextStartAndDoesNotDelayAStop() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 5m, max_delay: 10m}")
                .daemon("egress", "exit 5")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock");
            program.awaitHttp();
            program.awaitState("egress", "backoff");
            Map<String, Object> egress = program.http.daemon("egress");
            Map<String, Object> gaps = gaps(program);
            int health = program.http.health("ready");
            int code = program.stop();

            // Then
            assertThat(egress)
                    .containsEntry("ready", false)
                    .containsEntry("pid", null)
                    .containsEntry("startedAt", null)
                    .containsEntry("starts", 1)
                    .containsEntry("restarts", 0);
            Instant died =
                    Instant.parse(((Map<?, ?>) egress.get("lastExit")).get("at").toString());
            assertThat(egress.get("nextStartAt").toString()).matches(".*\\.[0-9]{3}Z");
            assertThat(Duration.between(
                            died, Instant.parse(egress.get("nextStartAt").toString())))
                    .isBetween(Duration.ofSeconds(270), Duration.ofSeconds(330));
            assertThat(gaps).containsEntry("open", true).containsEntry("count", 1);
            assertThat(health).isEqualTo(503);
            assertThat(program.ownLines().stream().filter("starting egress"::equals))
                    .hasSize(1);
            assertThat(code).isEqualTo(5);
        }
    }

    @Test
    void aDaemonThatDiesDuringTheStopIsNotStartedAgain() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 0s, max_delay: 1ms}")
                .daemon("egress", "trap 'exit 4' TERM; echo up; while :; do sleep 0.02; done")
                .daemon("slow", "trap 'sleep 0.3; exit 0' TERM; echo up; while :; do sleep 0.02; done");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "slow");
            int code = program.stop();

            // Then
            assertThat(program.ownLines()).contains("egress exited with code 4", "slow exited with code 0");
            assertThat(program.ownLines().stream().filter("starting egress"::equals))
                    .hasSize(1);
            assertThat(code).isEqualTo(4);
        }
    }

    @Test
    void aProcessOutsideTheGroupSurvivesARestart() throws Exception {
        // Given
        BundleText bundle =
                bundle(RESTART, QUICK).daemon("egress", "setsid sleep 4711 & sleep 4712 & echo up; exec sleep 1000");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            program.awaitThat(
                    "both children",
                    () -> program.running("sleep 4711").size()
                                    + program.running("sleep 4712").size()
                            == 2);
            program.kill("egress");
            program.awaitStart("egress", 2);
            program.awaitThat(
                    "the new children",
                    () -> program.running("sleep 4711").size()
                                    + program.running("sleep 4712").size()
                            == 3);

            // Then
            assertThat(program.running("sleep 4711")).hasSize(2);
            assertThat(program.zombies()).isEmpty();
            assertThat(program.stop()).isZero();
        }
    }
}
