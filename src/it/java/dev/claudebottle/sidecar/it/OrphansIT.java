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
