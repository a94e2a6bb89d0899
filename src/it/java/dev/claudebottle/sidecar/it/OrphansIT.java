package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that become our children because we are PID 1 or a subreaper. */
@NeedsNamespaces
class OrphansIT {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aThousandOrphansAreReapedAndCounted(boolean init) throws Exception {
        // Given
        String makesOrphans =
                "i=0; while [ $i -lt 1000 ]; do (sh -c 'exit 9' &); i=$((i+1)); done; echo made; " + OBEDIENT;
        BundleText bundle = bundle().daemon("egress", makesOrphans);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitUp("egress");
            program.awaitThat("1000 reaped", () -> program.http.status().getInt("orphansReaped") == 1000);

            // Then
            assertThat(program.zombies()).isEmpty();
            assertThat(program.http.<String>daemon("egress", "state")).isEqualTo("running");
            assertThat(program.stop()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aThousandOrphansThatDieAtOnceAreReapedAtOnce(boolean init) throws Exception {
        // Given: they wait for the same file and exit together
        String crowd = "d=$(mktemp -d); mkfifo $d/gate; exec 3<>$d/gate; i=0;"
                + " while [ $i -lt 1000 ]; do (head -c 1 <$d/gate >/dev/null &); i=$((i+1)); done;"
                + " sleep 0.5; head -c 1000 /dev/zero >&3; sleep 0.5; rm -r $d; " + OBEDIENT;
        BundleText bundle = bundle().daemon("egress", crowd);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitUp("egress");
            program.awaitThat("1000 reaped", () -> program.http.status().getInt("orphansReaped") >= 1000);

            // Then
            assertThat(program.zombies()).isEmpty();
            assertThat(program.stop()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noDaemonsStatusIsTakenForAnotherOrForAnOrphans(boolean init) throws Exception {
        // Given: 200 daemons that exit at once with different codes and leave orphans with other codes
        BundleText bundle = bundle();
        IntStream.range(0, 200)
                .forEach(i -> bundle.daemon("d" + i, "(sh -c 'exit 77' &); (exit 78)& exit " + (i % 70)));

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            int code = program.exitCode();

            // Then
            List<String> expected = IntStream.range(0, 200)
                    .mapToObj(i -> "d" + i + " exited with code " + (i % 70))
                    .toList();
            List<String> deaths = program.ownLines().stream()
                    .filter(line -> line.contains(" exited with code "))
                    .map(line -> line.substring(0, line.indexOf(';')))
                    .toList();
            assertThat(deaths).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(code).isEqualTo(69);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatNoSessionHoldsIsCountedWhileItLives(boolean init) throws Exception {
        // Given: one that has left the session, its child, one in another group, and one that has left and is an orphan
        BundleText bundle = bundle().daemon(
                        "egress",
                        "setsid sh -c 'sleep 4711 & echo up; wait' & bash -c 'set -m; sleep 4712 & echo up; wait' &"
                                + " (setsid sh -c 'echo up; exec sleep 4711' &); " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            program.awaitThat("four", () -> program.linesOf("egress").size() == 4);
            program.awaitThat("http", program.http::answers);
            int adopted = program.http.status().getInt("adopted");
            String metrics = program.http.get("/q/metrics").body();
            program.running("sleep 4711").forEach(LinuxProcess::kill);
            program.awaitThat("none", () -> program.http.status().getInt("adopted") == 0);

            // Then
            assertThat(adopted).isEqualTo(3);
            assertThat(metrics.lines()).contains("sidecar_adopted_processes 3.0");
            assertThat(program.stop()).isZero();
        }
    }

    @Test
    void whatEnteredTheNamespaceFromOutsideIsNotCounted() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT);

        // When: as by docker exec
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitThat("http", program.http::answers);
            Process entered = new ProcessBuilder(
                            "nsenter",
                            "-t",
                            "" + program.proc().pid(),
                            "-p",
                            "-m",
                            "sh",
                            "-c",
                            "echo in; sleep 1000; :")
                    .start();
            entered.inputReader().readLine();
            int adopted = program.http.status().getInt("adopted");

            // Then
            assertThat(adopted).isZero();
            assertThat(program.stop()).isZero();
            entered.waitFor();
        }
    }

    @Test
    void aDaemonThatLeavesMoreWithEachStartIsSaidOnce() throws Exception {
        // Given
        BundleText bundle = bundle("failure_policy: restart", BundleText.QUICK)
                .daemon("egress", "setsid sh -c 'echo left; exec sleep 4711' & sleep 0.1; exit 1")
                .daemon("pipelock", "sleep 0.05; exit 1");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitLine(line -> line.contains("leaves processes behind"), "of what it leaves");
            program.awaitThat("more", () -> program.linesOf("egress").size() >= 12);
            program.stop();

            // Then
            assertThat(program.ownLines().stream().filter(line -> line.contains("behind")))
                    .singleElement()
                    .asString()
                    .matches("egress leaves processes behind: [0-9]+ that it started run outside its session");
        }
    }

    @Test
    void aProcessThatEnteredTheNamespaceFromOutsideIsReaped() throws Exception {
        // Given: a process joins the namespace, as by docker exec, and its child outlives it
        BundleText bundle = bundle().daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitThat("http", program.http::answers);
            int before = program.http.status().getInt("orphansReaped");
            long inside = program.proc().pid();
            int entered = LinuxProcess.shell("nsenter -t " + inside + " -p -m sh -c '(sleep 0.05 &) ; exit 0'");
            program.awaitThat("one reaped", () -> program.http.status().getInt("orphansReaped") == before + 1);

            // Then
            assertThat(entered).isZero();
            assertThat(program.zombies()).isEmpty();
            assertThat(program.stop()).isZero();
        }
    }
}
