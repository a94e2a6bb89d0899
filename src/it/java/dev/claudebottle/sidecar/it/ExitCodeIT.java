package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of exit codes, row by row. Deaths before a stop are in {@link DeathIT}, failed starts in {@link CannotStartIT}. */
@NeedsNamespaces
class ExitCodeIT {

    private static String onTerm(String end) {
        return "trap '" + end + "' TERM; echo up; while :; do sleep 0.02; done";
    }

    private static int codeOfAStopOf(String script, String... keys) throws Exception {
        try (Program program = ProgramBuilder.of(
                        bundle("stop_grace_period: 300ms").daemon("egress", script, keys))
                .start()) {
            program.awaitUp("egress");
            int code = program.stop();
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit " + code);
            return code;
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "7", "126", "127", "128", "137", "255"})
    void exitedByItselfDuringTheStopWithCodeNCountsAsN(int code) throws Exception {
        assertThat(codeOfAStopOf(onTerm("exit " + code))).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({"1", "126", "127", "128", "137", "143", "255"})
    void exitedByItselfBeforeTheStopWithCodeNCountsAsN(int expected) throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "exit " + expected);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(expected);
        }
    }

    @Test
    void exitedDuringTheStopWith128PlusItsStopSignalCountsAsZero() throws Exception {
        assertThat(codeOfAStopOf(onTerm("exit 143"))).isZero();
    }

    @Test
    void only128PlusItsOwnStopSignalCountsAsZero() throws Exception {
        // Given
        String script = "trap 'exit 143' INT; trap '' TERM; echo up; while :; do sleep 0.02; done";

        // When
        int code = codeOfAStopOf(script, "stop_signal: SIGINT");

        // Then
        assertThat(code).isEqualTo(143);
    }

    @Test
    void endedByItsStopSignalCountsAsZero() throws Exception {
        assertThat(codeOfAStopOf(OBEDIENT)).isZero();
        assertThat(codeOfAStopOf(OBEDIENT, "stop_signal: QUIT")).isZero();
        assertThat(codeOfAStopOf(OBEDIENT, "stop_signal: SIGKILL")).isZero();
    }

    @Test
    void endedByOurKillCountsAsZero() throws Exception {
        assertThat(codeOfAStopOf(IGNORES_TERM)).isZero();
    }

    @Test
    void endedByAnyOtherSignalDuringTheStopCountsAs128PlusItsNumber() throws Exception {
        assertThat(codeOfAStopOf(onTerm("trap - USR1; kill -USR1 $$"))).isEqualTo(138);
    }

    @Test
    void aSigkillThatIsNotOursCountsEvenInAStop() throws Exception {
        assertThat(codeOfAStopOf(onTerm("kill -KILL $$"))).isEqualTo(137);
    }

    @Test
    void neverStartedCountsAsZero() throws Exception {
        // Given
        BundleText bundle =
                bundle("failure_policy: teardown").daemon("first", "exit 2").daemon("last", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(2);
        }
    }

    @Test
    void theHighestOfAllIsOurs() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("a", "exit 3")
                .daemon("b", OBEDIENT)
                .daemon("c", onTerm("exit 5"))
                .daemon("d", onTerm("exit 143"));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("b", "c", "d");
            int code = program.stop();

            // Then
            assertThat(code).isEqualTo(5);
        }
    }
}
