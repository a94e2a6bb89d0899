package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.Program.LEAVE;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon ends without a stop. */
@NeedsNamespaces
class DeathIT {

    @Test
    void underLeaveTheSurvivorsRunOnAndTheCodeSurfacesAtTheEnd() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "exit 3").daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock");
            program.awaitLine("sidecar-init: egress exited with code 3" + LEAVE);
            boolean alive = program.isAlive();
            int code = program.stop();

            // Then
            assertThat(alive).isTrue();
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "pipelock exited with code 143 (SIGTERM)",
                            "exit 3");
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit 3");
            assertThat(code).isEqualTo(3);
        }
    }

    @Test
    void aDeathIsLoggedOnce() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "exit 3").daemon("pipelock", "sleep 0.3; exit 0");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            assertThat(program.ownLines().stream().filter(line -> line.startsWith("egress exited")))
                    .hasSize(1);
        }
    }

    @Test
    void whenAllHaveDiedByThemselvesWeExitWithTheHighestCode() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("a", "exit 1").daemon("b", "exit 5").daemon("c", "exit 0");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(5);
            assertThat(program.ownLines())
                    .contains(
                            "a exited with code 1" + LEAVE,
                            "b exited with code 5" + LEAVE,
                            "c exited with code 0" + LEAVE)
                    .noneMatch(line -> line.startsWith("shutting down"));
            assertThat(program.ownLines()).last().isEqualTo("exit 5");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL 137", "SEGV 139", "TERM 143", "USR1 138"})
    void aDeathBySignalIsLoggedWithItsNameAndCountsAs128PlusItsNumber(String example) throws Exception {
        // Given
        String signal = example.split(" ")[0];
        int number = Integer.parseInt(example.split(" ")[1]);
        BundleText bundle = bundle().daemon("egress", "ulimit -c 0; kill -" + signal + " $$");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .contains("egress exited with code " + number + " (SIG" + signal + ")" + LEAVE);
            assertThat(code).isEqualTo(number);
        }
    }

    @Test
    void underTeardownADeathStopsTheBundleAndItsCodeIsOurs() throws Exception {
        // Given
        BundleText bundle = bundle("failure_policy: teardown")
                .daemon("worse", "echo up; trap 'exit 9' TERM; while :; do sleep 0.05; done")
                .daemon("egress", "sleep 0.3; exit 4");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "egress exited with code 4; shutting down the bundle",
                            "shutting down (egress exited); forwarding SIGTERM",
                            "worse exited with code 9",
                            "exit 4");
            assertThat(code).isEqualTo(4);
        }
    }

    @Test
    void aDaemonsOwnTeardownWinsOverTheBundlesLeave() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("left", "exit 7")
                .daemon("pipelock", OBEDIENT)
                .daemon("egress", "sleep 0.3; exit 0", "failure_policy: teardown");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .contains("left exited with code 7" + LEAVE, "egress exited with code 0; shutting down the bundle");
            assertThat(code).isZero();
        }
    }

    @Test
    void aTermDuringATeardownIsTheFirstOneAndDoesNotKill() throws Exception {
        // Given
        BundleText bundle = bundle("failure_policy: teardown", "stop_grace_period: 2s")
                .daemon("deaf", IGNORES_TERM)
                .daemon("egress", "sleep 0.2; exit 4");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitLine("sidecar-init: shutting down (egress exited); forwarding SIGTERM");
            program.signal("TERM");
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .contains("grace (2s) elapsed; SIGKILL on deaf")
                    .noneMatch(line -> line.contains("again"));
            assertThat(code).isEqualTo(4);
        }
    }

    @Test
    void aProgramThatForksIntoTheBackgroundCountsAsDeadAndItsChildIsKilledInTheStop() throws Exception {
        // Given
        BundleText bundle = bundle().daemon(
                        "egress", "setsid sh -c 'echo background; exec sleep 1000' & sleep 0.1; exit 0")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitLine("[egress] background");
            program.awaitLine("sidecar-init: egress exited with code 0" + LEAVE);
            LinuxProcess sleeping = program.proc().descendants().stream()
                    .filter(proc -> proc.commandLine().equals("sleep 1000"))
                    .findFirst()
                    .orElseThrow();
            boolean alive = sleeping.isAlive();
            int code = program.stop();

            // Then
            assertThat(alive).isTrue();
            assertThat(sleeping.isAlive()).isFalse();
            assertThat(code).isZero();
        }
    }

    @Test
    void underLeaveTheRestOfTheGroupRunsOn() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "(echo left; exec sleep 1000) & sleep 0.1; exit 1")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitLine("sidecar-init: egress exited with code 1" + LEAVE);

            // Then
            program.awaitThat(
                    "both sleepers, pipelock's and the one that was left",
                    () -> program.proc().descendants().stream()
                                    .filter(proc -> proc.commandLine().equals("sleep 1000"))
                                    .count()
                            == 2);
            assertThat(program.stop()).isEqualTo(1);
        }
    }
}
