package dev.claudebottle.sidecar.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says by itself, without a supervisor. */
class SidecarInitTest {

    private record Result(int code, String out, String err) {}

    private static Result execute(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream toOut = new ByteArrayOutputStream();
        ByteArrayOutputStream toErr = new ByteArrayOutputStream();
        System.setOut(new PrintStream(toOut, true, UTF_8));
        System.setErr(new PrintStream(toErr, true, UTF_8));
        try {
            int code = new SidecarInit().commandLine().execute(args);
            return new Result(code, toOut.toString(UTF_8), toErr.toString(UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--confg=hunter2, unknown flag --confg (did you mean --config?)",
        "--deamons=a, unknown flag --deamons (did you mean --daemons?)",
        "run --gracee=3s, unknown flag --gracee (did you mean --grace?)",
        "check --confg x, unknown flag --confg (did you mean --config?)",
        "status --jsno, unknown flag --jsno (did you mean --json?)",
        "status --wacth, unknown flag --wacth (did you mean --watch?)",
        "events --folow, unknown flag --folow (did you mean --follow?)",
        "--failure-polcy restart, unknown flag --failure-polcy (did you mean --failure-policy?)",
        "stauts, unknown command stauts (did you mean status?)",
        "evnets -f, unknown command evnets (did you mean events?)",
    })
    void whatIsNearlyRightGetsAHint(String args, String error) {
        assertThat(execute(args.split(" "))).isEqualTo(new Result(2, "", error + System.lineSeparator()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--nonsense", "walk", "status --nonsense", "help walk", "completion tcsh", "completion"})
    void anyOtherMistakeGetsTheUsage(String args) {
        Result result = execute(args.split(" "));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("Usage: sidecar-init").doesNotContain("did you mean");
    }

    @Test
    void helpIsTheFlagHelp() {
        for (String command : List.of("run", "status", "events", "restart", "check", "demo", "help", "completion")) {
            Result help = execute("help", command);
            assertThat(help.code()).isZero();
            assertThat(help).isEqualTo(execute(command, "--help"));
            assertThat(help.out()).contains("sidecar-init " + command);
        }
        assertThat(execute("help")).isEqualTo(execute("--help"));
        assertThat(execute("help", "stauts").err()).startsWith("unknown command stauts (did you mean status?)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "events", "restart"})
    void theHelpOfAClientListsItsExitCodes(String command) {
        assertThat(execute("help", command).out().replaceAll("\\s+", " "))
                .contains("Exit code: 0 ")
                .endsWith(" 3 nobody answers ");
    }

    @Test
    void helpNamesVariablesDefaultsExitCodesAndTheDocumentation() {
        String help = (execute("--help").out() + execute("restart", "--help").out()).replaceAll("\\s+", " ");
        assertThat(help)
                .contains(
                        "Variable CLAUDE_BOTTLE_SIDECAR_CONFIG; default: the built-in bundle.",
                        "Variable CLAUDE_BOTTLE_SIDECAR_DAEMONS; default: all.",
                        "Variable CLAUDE_BOTTLE_SIDECAR_FAILURE_POLICY; default: leave.",
                        "Variable CLAUDE_BOTTLE_SIDECAR_GRACE; default: 8s.",
                        "Variable CLAUDE_BOTTLE_SIDECAR_LOG_FORMAT; default: text.",
                        "variable CLAUDE_BOTTLE_SIDECAR_SOCKET; default: /run/sidecar-init.sock.",
                        "A flag wins over its variable",
                        "Exit code of run:",
                        "docs/operating.md");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "events", "restart egress", "help", "completion fish"})
    void aFlagOfRunIsNeverSilentlyIgnored(String args) {
        Result result = execute(("--grace 1s " + args).split(" "));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("takes none of run's flags");
    }
}
