package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.QUICK;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.BundleText.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code liveness}: a daemon that hangs is stopped, which counts as a death. */
@NeedsNamespaces
class LivenessIT {

    private static final String OFTEN = ", period: 30ms, timeout: 5s";

    @TempDir
    Path directory;

    private static String liveness(String target) {
        return "liveness: {" + target + OFTEN + ", failure_threshold: 2}";
    }

    /** A script that removes the cause of its failure when it is stopped, so that its next start passes. */
    private static String healing(Path sick, String end) {
        return "trap 'rm -f " + sick + end + "' TERM; echo up; while :; do sleep 0.02; done";
    }

    @Test
    void aDaemonThatFailsItsLivenessProbeIsStoppedAndRestarted() throws Exception {
        // Given
        Path sick = directory.resolve("sick");
        BundleText bundle = bundle("failure_policy: restart", QUICK)
                .daemon(
                        "egress",
                        healing(sick, "; trap - TERM; kill $$"),
                        liveness("exec: [test, \"!\", -e, " + sick + "]"))
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitHttp();
            Object first = program.http.daemon("egress").get("pid");
            Files.createFile(sick);
            program.awaitStart("egress", 2);
            Map<String, Object> egress = program.http.daemon("egress");
            int code = program.stop();

            // Then
            assertThat(egress.get("pid")).isNotEqualTo(first);
            assertThat((Map<?, ?>) egress.get("lastExit"))
                    .extracting("code", "signal", "reason")
                    .containsExactly(143, "SIGTERM", "liveness");
            assertThat((Map<?, ?>) egress.get("gaps"))
                    .extracting("open", "count")
                    .containsExactly(false, 1);
            assertThat(program.ownLines().stream()
                            .filter(line -> line.contains("egress"))
                            .map(line -> line.replaceAll("[0-9]+\\.[0-9]+ s", "T s"))
                            .limit(5))
                    .containsExactly(
                            "starting egress",
                            "egress failed its liveness probe 2 times: exit code 1; stopping it",
                            "egress exited with code 143 (SIGTERM); restarting in T s",
                            "starting egress",
                            "egress is ready again after T s");
            assertThat(code).isZero();
        }
    }

    @Test
    void aDaemonThatIgnoresTheStopSignalOfALivenessKillGetsSigkillAfterItsGrace() throws Exception {
        // Given
        Path sick = directory.resolve("sick");
        BundleText bundle = bundle("failure_policy: restart", QUICK)
                .daemon(
                        "egress",
                        healing(sick, ""),
                        "stop_grace_period: 300ms",
                        liveness("exec: [test, \"!\", -e, " + sick + "]"));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            Files.createFile(sick);
            program.awaitStart("egress", 2);
            Map<String, Object> egress = program.http.daemon("egress");
            program.stop();

            // Then
            assertThat(program.ownLines().stream()
                            .map(line -> line.replaceAll("[0-9]+\\.[0-9]+ s", "T s"))
                            .toList())
                    .containsSubsequence(
                            "egress failed its liveness probe 2 times: exit code 1; stopping it",
                            "grace (300ms) elapsed; SIGKILL on egress",
                            "egress exited with code 137 (SIGKILL); restarting in T s",
                            "starting egress");
            assertThat((Map<?, ?>) egress.get("lastExit"))
                    .extracting("code", "signal", "reason")
                    .containsExactly(137, "SIGKILL", "liveness");
        }
    }

    @Test
    void aLivenessKillCountsAs128PlusTheSignal() throws Exception {
        // Given: it obeys the stop signal, which makes no difference here
        BundleText bundle = bundle().daemon("egress", OBEDIENT, liveness("exec: [\"false\"]"));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .containsExactly(
                            "starting egress",
                            "egress failed its liveness probe 2 times: exit code 1; stopping it",
                            "egress exited with code 143 (SIGTERM); leaving surviving daemons running"
                                    + " (operator-visible via agent-side failure)",
                            "exit 143");
            assertThat(code).isEqualTo(143);
        }
    }

    @Test
    void underTeardownAFailedLivenessStopsTheBundle() throws Exception {
        // Given
        BundleText bundle = bundle("failure_policy: teardown")
                .daemon("egress", OBEDIENT, "stop_signal: KILL", liveness("exec: [\"false\"]"))
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "egress failed its liveness probe 2 times: exit code 1; stopping it",
                            "egress exited with code 137 (SIGKILL); shutting down the bundle",
                            "shutting down (egress exited); forwarding SIGTERM",
                            "exit 137");
            assertThat(code).isEqualTo(137);
        }
    }

    @Test
    void livenessIsNotProbedBeforeTheDaemonIsReady() throws Exception {
        // Given
        Path file = directory.resolve("ready");
        try (Receiver readiness = Receiver.answering(_ -> Files.exists(file) ? 200 : 503);
                Receiver liveness = Receiver.answering(_ -> 200)) {
            BundleText bundle = bundle().daemon(
                            "egress",
                            OBEDIENT,
                            "readiness: {http: " + quoted(readiness.url("/")) + OFTEN + "}",
                            liveness("http: " + quoted(liveness.url("/"))));

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitThat("ten", () -> readiness.requests().size() >= 10);
                int early = liveness.requests().size();
                Files.createFile(file);
                program.awaitThat("some", () -> liveness.requests().size() >= 3);

                // Then
                assertThat(early).isZero();
                assertThat(program.stop()).isZero();
            }
        }
    }
}
