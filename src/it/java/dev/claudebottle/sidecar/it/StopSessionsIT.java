package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stop does to the processes that daemons have started. */
@NeedsNamespaces
class StopSessionsIT {

    private static List<LinuxProcess> sleepers(Program program) {
        return program.proc().descendants().stream()
                .filter(proc -> proc.commandLine().equals("sleep 1000"))
                .toList();
    }

    private static List<LinuxProcess> shells(Program program) {
        return program.proc().descendants().stream()
                .filter(proc -> proc.isAlive() && proc.commandLine().startsWith("/bin/sh -c"))
                .toList();
    }

    /** Under {@code set -m} each child has a group of its own. */
    private static List<String> bash(String script) {
        return List.of("/bin/bash", "-c", "set -m; " + script);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGroupMemberThatIgnoresTermIsKilledAtTheGraceThoughTheLeaderObeyed(boolean init) throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 400ms")
                .daemon("egress", "(trap '' TERM; echo deaf; exec sleep 1000) & sleep 0.1; " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitThat("two sleepers", () -> sleepers(program).size() == 2);
            List<LinuxProcess> members = sleepers(program);
            int code = program.stop();

            // Then
            assertThat(members).noneMatch(LinuxProcess::isAlive);
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "egress exited with code 143 (SIGTERM)",
                            "grace (400ms) elapsed; SIGKILL on egress",
                            "exit 0");
            assertThat(code).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChildWithAGroupOfItsOwnGetsTheStopSignalAndIsWaitedFor(boolean init) throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 60s")
                .command(
                        "egress",
                        bash("(trap 'sleep 0.3; echo farewell; exit' TERM; echo up; while :; do sleep 0.02; done)"
                                + " & trap 'exit 3' TERM; wait"));

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitUp("egress");
            int code = program.stop();

            // Then
            assertThat(program.linesOf("egress"))
                    .containsSubsequence("up", "farewell")
                    .containsOnlyOnce("farewell");
            assertThat(program.ownLines()).noneMatch(line -> line.contains("SIGKILL"));
            assertThat(code).isEqualTo(3);
        }
    }

    @Test
    void aChildWithAGroupOfItsOwnThatIgnoresTermIsKilledAtTheGrace() throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 400ms")
                .command("egress", bash("(trap '' TERM; echo up; exec sleep 1000) & exec sleep 1000"));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            int code = program.stop();

            // Then
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "egress exited with code 143 (SIGTERM)",
                            "grace (400ms) elapsed; SIGKILL on egress",
                            "exit 0");
            assertThat(code).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void underLeaveAChildWithAGroupOfItsOwnRunsOnAndGetsTheStopSignal(boolean init) throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 60s")
                .command(
                        "egress",
                        bash("(trap 'echo farewell; exit' TERM; echo up; while :; do sleep 0.02; done) & sleep 1000"))
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitUp("egress", "pipelock");
            program.kill("egress");
            program.awaitLine(line -> line.startsWith("sidecar-init: egress exited with code 137"), "of the death");
            int code = program.stop();

            // Then
            assertThat(program.linesOf("egress"))
                    .containsSubsequence("up", "farewell")
                    .containsOnlyOnce("farewell");
            assertThat(program.ownLines()).noneMatch(line -> line.contains("SIGKILL on"));
            assertThat(code).isEqualTo(137);
        }
    }

    @Test
    void fourHundredDaemonsWithChildrenInGroupsOfTheirOwnStopWithinTheGrace() throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 8s");
        IntStream.range(0, 400).forEach(i -> bundle.command("d" + i, bash("sleep 1000 & exec sleep 1000")));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("800 sleepers", () -> sleepers(program).size() == 800);
            int code = program.stop();

            // Then
            assertThat(program.ownLines()).noneMatch(line -> line.contains("SIGKILL"));
            assertThat(code).isZero();
        }
    }

    @Test
    void theWholeGroupGetsTheStopSignalNotOnlyItsLeader() throws Exception {
        // Given
        BundleText bundle = bundle().daemon(
                        "egress",
                        "(trap 'echo member got it; exit' TERM; echo up; while :; do sleep 0.02; done) & wait");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.stop();

            // Then
            assertThat(program.linesOf("egress")).contains("member got it");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theRestOfAKilledDaemonsGroupRunsOnAndGetsTheStopSignalEvenWhenSuspended(boolean init) throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 60s")
                .daemon("egress", "(trap 'echo farewell; exit' TERM; sleep 1000 & echo up; wait) & wait")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitUp("egress", "pipelock");
            program.kill("egress");
            program.awaitLine(line -> line.startsWith("sidecar-init: egress exited with code 137"), "of the death");
            program.awaitThat("one shell", () -> shells(program).size() == 1);
            LinuxProcess left = shells(program).getFirst();
            program.awaitThat("two sleepers", () -> sleepers(program).size() == 2);
            boolean leftAlone = left.isAlive() && program.linesOf("egress").equals(List.of("up"));
            LinuxProcess.signal("STOP", left.pid());
            program.awaitThat("a stopped shell", () -> left.state() == 'T');
            int code = program.stop();

            // Then
            assertThat(leftAlone).isTrue();
            assertThat(program.linesOf("egress"))
                    .containsSubsequence("up", "farewell")
                    .containsOnlyOnce("farewell");
            assertThat(program.ownLines()).noneMatch(line -> line.contains("SIGKILL on"));
            assertThat(program.ownLines())
                    .filteredOn(line -> line.startsWith("egress exited"))
                    .hasSize(1);
            assertThat(code).isEqualTo(137);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProcessInASessionOfItsOwnGetsTermAndItsTime(boolean init) throws Exception {
        // Given: what it starts for its end finishes too
        String child =
                "setsid sh -c \"trap 'sleep 0.3 && echo finished; exit 0' TERM; echo escaped; sleep 1000 & wait\"";
        BundleText bundle = bundle("stop_grace_period: 60s").daemon("egress", child + " & " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitUp("egress");
            program.awaitLine("[egress] escaped");
            int code = program.stop();

            // Then
            assertThat(program.lines()).contains("[egress] finished");
            assertThat(program.ownLines()).noneMatch(line -> line.contains("SIGKILL"));
            assertThat(code).isZero();
        }
    }

    @Test
    void weAreAliveWhileAProcessInASessionOfItsOwnStopsAndASecondTermKillsIt() throws Exception {
        // Given
        String child = "setsid sh -c \"trap 'echo asked' TERM; echo escaped; while :; do sleep 0.01; done\"";
        BundleText bundle = bundle("stop_grace_period: 60s").daemon("egress", child + " & " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitLine("[egress] escaped");
            program.awaitHttp();
            program.signal("TERM");
            program.awaitLine("[egress] asked");
            int atFirst = program.http.health("live");
            Thread.sleep(5100); // so long nothing may wait in the supervisor's queue
            int later = program.http.health("live");
            program.signal("TERM");
            int code = program.exitCode();

            // Then
            assertThat(List.of(atFirst, later)).containsOnly(200);
            assertThat(program.ownLines())
                    .filteredOn(line -> line.startsWith("SIGTERM again; SIGKILL on "))
                    .hasSize(1);
            assertThat(code).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProcessInASessionOfItsOwnThatIgnoresTermIsKilledAtTheEndOfTheGrace(boolean init) throws Exception {
        // Given
        String child = "setsid sh -c \"trap '' TERM; echo escaped; exec sleep 1000\"";
        BundleText bundle = bundle("stop_grace_period: 400ms").daemon("egress", child + " & " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitUp("egress");
            program.awaitLine("[egress] escaped");
            program.awaitThat("two sleepers", () -> sleepers(program).size() == 2);
            List<LinuxProcess> both = sleepers(program);
            int code = program.stop();

            // Then
            assertThat(both).noneMatch(LinuxProcess::isAlive);
            assertThat(program.ownLines()).contains("grace (400ms) elapsed; SIGKILL on 1 adopted process");
            assertThat(code).isZero();
        }
    }

    @Test
    void aSuspendedDaemonGetsContAndExits() throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 60s").daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitThat("a sleeper", () -> !sleepers(program).isEmpty());
            LinuxProcess daemon = sleepers(program).getFirst();
            LinuxProcess.signal("STOP", daemon.pid());
            program.awaitThat("a stopped daemon", () -> daemon.state() == 'T');
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).contains("egress exited with code 143 (SIGTERM)");
        }
    }

    @Test
    void aGrandchildThatKeepsThePipeDelaysNeitherTheDeathNorTheExit() throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 400ms")
                .daemon("egress", "setsid sh -c 'while :; do echo noise; sleep 0.01; done' & exit 1")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock");
            program.awaitLine(line -> line.startsWith("sidecar-init: egress exited with code 1;"), "of the death");
            program.awaitLine("[egress] noise");
            program.signal("TERM");
            int code = program.exitCodeWithin(Duration.ofMillis(1900));

            // Then
            assertThat(code).isEqualTo(1);
        }
    }

    @Test
    void aProcessThatForksForEverIsKilledAtTheEndOfTheStop() throws Exception {
        // Given
        String forker = "setsid sh -c 'f() { sleep 0.01; f & }; f; f; f; echo forking; sleep 1000' & " + OBEDIENT;
        BundleText bundle = bundle("stop_grace_period: 400ms").daemon("egress", forker);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitUp("egress");
            program.awaitLine("[egress] forking");
            program.signal("TERM");
            int code = program.exitCodeWithin(Duration.ofMillis(1900));

            // Then
            assertThat(code).isZero();
        }
    }
}
