package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.QUICK;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code depends_on}, and {@code forward_hup}. */
@NeedsNamespaces
class OrderIT {

    private static final String SAYS_HUP = "trap 'echo got HUP' HUP; echo up; while :; do sleep 0.02; done";

    @TempDir
    Path directory;

    /** Passes when the file exists. */
    private static String readyWith(Path file) {
        return "readiness: {exec: [test, -e, " + file + "], period: 50ms, timeout: 5s}";
    }

    @Test
    void aDependentWaitsUntilItsDependencyHasBeenReady() throws Exception {
        // Given
        Path file = directory.resolve("ready");
        BundleText bundle = bundle().daemon("egress", OBEDIENT, "depends_on: [pipelock]")
                .daemon("pipelock", OBEDIENT, readyWith(file))
                .daemon("git-gate", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock", "git-gate");
            program.awaitHttp();
            Map<String, Object> waiting = program.http.daemon("egress");
            Map<String, Object> starting = program.http.daemon("pipelock");
            int started = program.http.health("started");
            Files.createFile(file);
            program.awaitUp("egress");
            program.awaitState("egress", "running");
            int startedAtLast = program.http.health("started");
            int code = program.stop();

            // Then
            assertThat(waiting)
                    .containsEntry("state", "waiting")
                    .containsEntry("ready", false)
                    .containsEntry("starts", 0)
                    .containsEntry("restarts", 0)
                    .containsEntry("pid", null)
                    .containsEntry("lastExit", null);
            assertThat((Map<?, ?>) waiting.get("gaps"))
                    .extracting("open", "count")
                    .containsExactly(false, 0);
            assertThat(starting).containsEntry("state", "starting").containsEntry("starts", 1);
            assertThat(started).isEqualTo(503);
            assertThat(startedAtLast).isEqualTo(200);
            assertThat(program.ownLines())
                    .containsSubsequence("starting pipelock", "pipelock is ready", "starting egress")
                    .containsSubsequence("starting git-gate", "pipelock is ready")
                    .doesNotContain("egress is ready");
            assertThat(code).isZero();
        }
    }

    @Test
    void daemonsStartInTheBundlesOrderUnlessTheyDependOnALaterOne() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("c", OBEDIENT, "depends_on: [b]")
                .daemon("b", OBEDIENT, "depends_on: [a]")
                .daemon("x", OBEDIENT)
                .daemon("a", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("a", "b", "c", "x");
            program.stop();

            // Then
            assertThat(program.ownLines())
                    .containsSubsequence("starting a", "starting b", "starting c")
                    .containsSubsequence("starting x", "starting a");
        }
    }

    @Test
    void aDependencyThatIsNotSelectedCountsAsMet() throws Exception {
        // Given
        BundleText bundle =
                bundle().daemon("egress", OBEDIENT, "depends_on: [pipelock]").daemon("pipelock", OBEDIENT);

        // When
        try (Program program =
                ProgramBuilder.of(bundle).with("--daemons", "egress").start()) {
            program.awaitUp("egress");
            int code = program.stop();

            // Then
            assertThat(program.ownLines()).noneMatch(line -> line.contains("pipelock"));
            assertThat(code).isZero();
        }
    }

    @Test
    void aDependentOfADaemonThatExitsWithoutHavingBeenReadyIsNotStarted() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("c", OBEDIENT, "depends_on: [b]", "failure_policy: teardown")
                .daemon("b", OBEDIENT, "depends_on: [a]")
                .daemon("a", "exit 6", readyWith(directory.resolve("never")))
                .daemon("other", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("other");
            program.awaitHttp();
            program.awaitState("c", "exited");
            List<Map<String, Object>> notStarted = List.of(program.http.daemon("b"), program.http.daemon("c"));
            int code = program.stop();

            // Then
            assertThat(notStarted)
                    .allSatisfy(daemon -> assertThat(daemon)
                            .containsEntry("state", "exited")
                            .containsEntry("starts", 0)
                            .containsEntry("restarts", 0)
                            .containsEntry("lastExit", null));
            assertThat(program.ownLines())
                    .containsSubsequence("b is not started: a exited", "c is not started: b exited")
                    .noneMatch(line -> line.equals("starting b") || line.equals("starting c"))
                    .noneMatch(line -> line.contains("shutting down (c"));
            assertThat(code).isEqualTo(6);
        }
    }

    @Test
    void whenAllDaemonsHaveExitedBecauseADependencyCouldNotStartWeExit() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT, "depends_on: [pipelock]")
                .command("pipelock", List.of("/no/such/program"));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .contains("egress is not started: pipelock exited")
                    .doesNotContain("starting egress");
            assertThat(code).isEqualTo(127);
        }
    }

    @Test
    void aDependentWaitsForADependencyInBackoff() throws Exception {
        // Given: only the dependency's third start becomes ready
        Path lives = directory.resolve("lives");
        String script = "echo x >>" + lives + "; [ $(wc -l <" + lives + ") -gt 2 ] || exit 1; touch " + directory
                + "/ready; " + OBEDIENT;
        BundleText bundle = bundle("failure_policy: restart", QUICK)
                .daemon("egress", OBEDIENT, "depends_on: [pipelock]")
                .daemon("pipelock", script, readyWith(directory.resolve("ready")));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            int code = program.stop();

            // Then: a death before the first ready opens a gap as well
            assertThat(program.ownLines().stream().filter("starting egress"::equals))
                    .hasSize(1);
            assertThat(program.ownLines().stream()
                            .map(line -> line.replaceAll(" after .*", ""))
                            .toList())
                    .containsSubsequence(
                            "starting pipelock",
                            "starting pipelock",
                            "starting pipelock",
                            "pipelock is ready again",
                            "starting egress");
            assertThat(code).isZero();
        }
    }

    @Test
    void aRestartDoesNotWaitForADeadDependency() throws Exception {
        // Given
        BundleText bundle = bundle(QUICK)
                .daemon("egress", OBEDIENT, "depends_on: [pipelock]", "failure_policy: restart")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            program.kill("pipelock");
            program.awaitState("pipelock", "exited");
            Map<String, Object> survivor = program.http.daemon("egress");
            program.kill("egress");
            program.awaitStart("egress", 2);

            // Then
            assertThat(survivor).containsEntry("state", "running").containsEntry("starts", 1);
            assertThat(program.stop()).isEqualTo(137);
        }
    }

    /** A script that records when it gets its stop signal and when it exits, some time later. */
    private static String slow(String name, Path journal) {
        return "trap 'echo stops " + name + " >>" + journal + "; sleep 0.3; echo ends " + name + " >>" + journal
                + "; exit 0' TERM; echo up; while :; do sleep 0.02; done";
    }

    @Test
    void inTheStopADaemonGetsItsSignalWhenAllThatDependOnItAreDown() throws Exception {
        // Given
        Path journal = directory.resolve("journal");
        BundleText bundle = bundle().daemon("pipelock", slow("pipelock", journal))
                .daemon("egress", slow("egress", journal), "depends_on: [pipelock]")
                .daemon("git-gate", slow("git-gate", journal), "depends_on: [egress, pipelock]");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock", "egress", "git-gate");
            int code = program.stop();

            // Then
            assertThat(Files.readAllLines(journal))
                    .containsExactly(
                            "stops git-gate",
                            "ends git-gate",
                            "stops egress",
                            "ends egress",
                            "stops pipelock",
                            "ends pipelock");
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "git-gate exited with code 0",
                            "egress exited with code 0",
                            "pipelock exited with code 0",
                            "exit 0");
            assertThat(code).isZero();
        }
    }

    @Test
    void aDependentThatHangsDelaysTheStopOfItsDependencyToHalfTheGrace() throws Exception {
        // Given
        Duration grace = Duration.ofSeconds(3);
        BundleText bundle = bundle("stop_grace_period: 3s")
                .daemon("pipelock", OBEDIENT)
                .daemon("egress", IGNORES_TERM, "depends_on: [pipelock]");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock", "egress");
            long began = System.nanoTime();
            program.signal("TERM");
            program.awaitLine("sidecar-init: pipelock exited with code 143 (SIGTERM)");
            Duration held = Duration.ofNanos(System.nanoTime() - began);
            int code = program.exitCodeWithin(grace.plusMillis(1500));

            // Then
            assertThat(held).isGreaterThanOrEqualTo(grace.dividedBy(2));
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "pipelock exited with code 143 (SIGTERM)",
                            "grace (3s) elapsed; SIGKILL on egress",
                            "egress exited with code 137 (SIGKILL)");
            assertThat(code).isZero();
        }
    }

    @Test
    void aWaitingDaemonIsExitedAtOnceInAStop() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT, "depends_on: [pipelock]")
                .daemon("pipelock", OBEDIENT, readyWith(directory.resolve("never")));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock");
            int code = program.stop();

            // Then
            assertThat(program.ownLines())
                    .containsExactly(
                            "starting pipelock",
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "pipelock exited with code 143 (SIGTERM)",
                            "exit 0");
            assertThat(code).isZero();
        }
    }

    @Test
    void hupIsForwardedToTheListedDaemonsOnlyAndDoesNotStopUs() throws Exception {
        // Given
        BundleText bundle = bundle("forward_hup: [pipelock]")
                .daemon("egress", SAYS_HUP)
                .daemon("pipelock", SAYS_HUP)
                .daemon("git-gate", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock", "git-gate");
            program.signal("HUP");
            program.awaitLine("[pipelock] got HUP");
            program.signal("HUP");
            // the shell also writes "Hangup" when the signal ends its sleep
            program.awaitThat(
                    "the second",
                    () -> program.linesOf("pipelock").stream()
                                    .filter("got HUP"::equals)
                                    .count()
                            == 2);
            int code = program.stop();

            // Then
            assertThat(program.linesOf("egress")).containsExactly("up");
            assertThat(program.ownLines())
                    .containsSequence(
                            "starting egress",
                            "starting pipelock",
                            "starting git-gate",
                            "shutting down (SIGTERM); forwarding SIGTERM");
            assertThat(code).isZero();
        }
    }
}
