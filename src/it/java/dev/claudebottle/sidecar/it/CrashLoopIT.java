package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.BundleText.dies;
import static dev.claudebottle.sidecar.it.Program.LEAVE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Crash loops. */
@NeedsNamespaces
class CrashLoopIT {

    private static final String RESTART = "failure_policy: restart";

    private static final String AT_THREE = "initial_delay: 10ms, max_delay: 20ms, crash_loop_deaths: 3";

    @TempDir
    Path directory;

    private static List<String> restarts(Program program) {
        return program.ownLines().stream()
                .filter(line -> line.startsWith("egress exited with code 4; restarting in "))
                .toList();
    }

    @Test
    void aCrashLoopIsLoggedOnceAndRestartsGoOn() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 10ms, max_delay: 20ms, crash_loop_window: 50s}")
                .daemon("egress", "exit 1");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            program.awaitThat(
                    "nine starts", () -> (int) program.http.daemon("egress").get("starts") >= 9);
            Map<String, Object> egress = program.http.daemon("egress");
            int code = program.stop();

            // Then
            assertThat(egress).containsEntry("crashLooping", true);
            List<String> lines = program.ownLines();
            assertThat(lines.stream().filter(line -> line.contains("crash-looping")))
                    .containsExactly("egress is crash-looping (5 deaths in 50s)");
            assertThat(lines.subList(0, lines.indexOf("egress is crash-looping (5 deaths in 50s)")).stream()
                            .filter(line -> line.startsWith("egress exited with code 1; restarting in ")))
                    .hasSize(5);
            assertThat(code).isEqualTo(1);
        }
    }

    @Test
    void whileACrashLoopLastsHealthIsDownThoughTheDaemonRuns() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {" + AT_THREE + "}")
                .daemon("egress", dies(3, 1, directory))
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitHttp();
            Map<String, Object> egress = program.http.daemon("egress");
            boolean ready = program.http.status().getBoolean("ready");
            Map<String, String> checks =
                    program.http.json("/q/health/ready").getMap("checks.collectEntries { [it.name, it.status] }");

            // Then
            assertThat(egress)
                    .containsEntry("state", "running")
                    .containsEntry("starts", 4)
                    .containsEntry("crashLooping", true);
            assertThat(ready).isFalse();
            assertThat(checks).containsEntry("egress", "DOWN").containsEntry("pipelock", "UP");
            assertThat(program.http.health("ready")).isEqualTo(503);
            assertThat(program.http.health("live")).isEqualTo(200);
            assertThat(program.http.health("started")).isEqualTo(200);
            assertThat(program.stop()).isZero();
        }
    }

    @Test
    void aCrashLoopEndsWhenTheDaemonHasBeenReadyForLong() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {" + AT_THREE + ", reset_after: 300ms}")
                .daemon("egress", dies(3, 1, directory));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitLine("sidecar-init: egress is crash-looping (3 deaths in 60s)");
            program.awaitThat("health", () -> program.http.health("ready") == 200);

            // Then
            assertThat(program.http.daemon("egress"))
                    .containsEntry("crashLooping", false)
                    .containsEntry("starts", 4);
            assertThat(program.http.status().getBoolean("ready")).isTrue();
        }
    }

    @Test
    void deathsThatAreFarApartAreNoCrashLoop() throws Exception {
        // Given: each start lives longer than the window
        BundleText bundle = bundle(
                        RESTART,
                        "restart: {initial_delay: 0s, max_delay: 1ms, crash_loop_deaths: 2, crash_loop_window: 50ms}")
                .daemon("egress", "echo life; sleep 0.1; exit 1");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("six lives", () -> program.linesOf("egress").size() >= 6);
            program.stop();

            // Then
            assertThat(program.ownLines()).noneMatch(line -> line.contains("crash-looping"));
        }
    }

    @Test
    void underTheActionLeaveACrashLoopEndsTheRestartsAndTheOthersRunOn() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {" + AT_THREE + ", crash_loop_action: leave}")
                .daemon("egress", "exit 4")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock");
            program.awaitHttp();
            program.awaitState("egress", "exited");
            Map<String, Object> egress = program.http.daemon("egress");
            int health = program.http.health("ready");
            int code = program.stop();

            // Then
            assertThat(egress)
                    .containsEntry("starts", 3)
                    .containsEntry("crashLooping", true)
                    .containsEntry("nextStartAt", null);
            assertThat(health).isEqualTo(503);
            assertThat(program.ownLines())
                    .containsOnlyOnce("egress is crash-looping (3 deaths in 60s)")
                    .containsOnlyOnce("egress exited with code 4" + LEAVE)
                    .contains("pipelock exited with code 143 (SIGTERM)");
            assertThat(restarts(program)).hasSize(2);
            assertThat(code).isEqualTo(4);
        }
    }

    @Test
    void underTheActionLeaveWeExitWhenAllHaveCrashLooped() throws Exception {
        // Given
        BundleText bundle = bundle(
                        RESTART,
                        "restart: {initial_delay: 1ms, max_delay: 2ms, crash_loop_deaths: 2, crash_loop_action: leave}")
                .daemon("egress", "exit 4")
                .daemon("pipelock", "exit 6");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines()).noneMatch(line -> line.startsWith("shutting down"));
            assertThat(code).isEqualTo(6);
        }
    }

    @Test
    void underTheActionTeardownACrashLoopStopsTheBundleWithTheCodeOfThatDeath() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {" + AT_THREE + ", crash_loop_action: teardown}")
                .daemon("worse", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done")
                .daemon("egress", "exit 4");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "egress exited with code 4; shutting down the bundle",
                            "shutting down (egress exited); forwarding SIGTERM",
                            "exit 4")
                    .containsOnlyOnce("egress is crash-looping (3 deaths in 60s)");
            assertThat(restarts(program)).hasSize(2);
            assertThat(code).isEqualTo(4);
        }
    }
}
