package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No daemon can forge a line of another, or control the operator's terminal. */
@NeedsNamespaces
class SafeOutputIT {

    private static final int MAX_LINE = 1024 * 1024;

    private static List<String> linesOf(String script) throws Exception {
        try (Program program =
                ProgramBuilder.of(bundle().daemon("egress", script)).start()) {
            assertThat(program.exitCode()).isZero();
            return program.linesOf("egress");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\rsidecar-init: exit 0        | \\x0dsidecar-init: exit 0",
                "a\\r\\n                        | a",
                "\\033[2J\\033]0;x\\007         | \\x1b[2J\\x1b]0;x\\x07",
                "nul \\000 del \\177            | nul \\x00 del \\x7f",
                "c1 \\302\\233 \\302\\205       | c1 \\x9b \\x85",
                "bidi \\342\\200\\256           | bidi \\u202e",
                "mark \\342\\200\\217           | mark \\u200f",
                "isolate \\342\\201\\246        | isolate \\u2066",
                "line \\342\\200\\250 separator | line \\u2028 separator",
                "invalid \\377 \\303 \\300\\200 | invalid \uFFFD \uFFFD \uFFFD\uFFFD",
                "half \\342\\202                | half \uFFFD",
                "h\\303\\251 \\360\\237\\231\\202 tab\\tend | h\u00e9 \ud83d\ude42 tab\tend",
                "a \\\\x1b is a \\\\x1b         | a \\x1b is a \\x1b"
            })
    void charactersThatCouldEndTheLineOrControlATerminalAreEscaped(String printed, String shown) throws Exception {
        assertThat(linesOf("printf '" + printed + "\\n'").getFirst()).isEqualTo(shown);
    }

    @Test
    void coloursAreLeftOutIfTheBundleSaysSoAndNothingElse() throws Exception {
        // Given
        BundleText bundle = bundle("logs: {colour: strip}")
                .daemon("egress", "printf '\\033[1;32mINFO\\033[0m up\\033[2J\\n\\033[3\\n'");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            assertThat(program.linesOf("egress")).containsExactly("INFO up\\x1b[2J", "\\x1b[3");
        }
    }

    @Test
    void aForgedLabelComesAfterTheDaemonsOwn() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "printf '[pipelock] up\\n\\r[pipelock] up\\v[pipelock] up\\n'");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            assertThat(program.lines()).noneMatch(line -> line.startsWith("[pipelock]"));
            assertThat(program.linesOf("egress"))
                    .containsExactly("[pipelock] up", "\\x0d[pipelock] up\\x0b[pipelock] up");
        }
    }

    @Test
    void aLineOfAMebibyteIsWhole() throws Exception {
        assertThat(linesOf("head -c " + MAX_LINE + " /dev/zero | tr '\\0' a; echo; echo next"))
                .containsExactly("a".repeat(MAX_LINE), "next");
    }

    @Test
    void aLongerLineIsCutAndItsLaterPiecesAreMarked() throws Exception {
        // Given
        BundleText bundle = bundle().daemon(
                        "egress", "head -c " + (2 * MAX_LINE + 10) + " /dev/zero | tr '\\0' a; echo; echo next");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            assertThat(program.lines())
                    .containsSubsequence(
                            "[egress] " + "a".repeat(MAX_LINE),
                            "[egress]+ " + "a".repeat(MAX_LINE),
                            "[egress]+ " + "a".repeat(10),
                            "[egress] next");
        }
    }

    @Test
    void theLengthOfALineIsTheBundles() throws Exception {
        // Given
        BundleText bundle = bundle("logs: {max_line: 64B}").daemon("egress", "printf '%070d\\n%064d\\n' 1 2");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            assertThat(program.lines())
                    .containsSubsequence(
                            "[egress] " + "0".repeat(64), "[egress]+ 000001", "[egress] " + "0".repeat(63) + "2");
        }
    }

    @Test
    void noLineIsCutInsideACharacter() throws Exception {
        // Given: characters of two bytes after one of one byte
        BundleText bundle =
                bundle().daemon("egress", "printf a; yes \u00e9 | tr -d '\\n' | head -c " + 2 * MAX_LINE + "; echo");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            String text = String.join(
                    "",
                    program.lines().stream()
                            .filter(line -> line.startsWith("[egress]"))
                            .map(line -> line.substring(line.indexOf(' ') + 1))
                            .toList());
            assertThat(text).isEqualTo("a" + "\u00e9".repeat(MAX_LINE));
        }
    }

    @Test
    void inJsonEachLineIsAnObjectWithTheSameText() throws Exception {
        // Given
        BundleText bundle = bundle("logs: {format: json}")
                .daemon(
                        "egress",
                        "printf 'say \"hi\" \\\\ \\033 tab\\t\\377\\n'; head -c " + (MAX_LINE + 1)
                                + " /dev/zero | tr '\\0' b");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            List<Map<String, Object>> lines = program.lines().stream()
                    .map(line -> JsonPath.from(line).<Map<String, Object>>get("$"))
                    .toList();
            assertThat(lines)
                    .allSatisfy(line -> assertThat((String) line.get("time"))
                            .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"));
            assertThat(lines.getFirst())
                    .containsOnlyKeys("time", "level", "subject", "message")
                    .containsEntry("level", "info")
                    .containsEntry("subject", "egress")
                    .containsEntry("message", "starting egress");
            assertThat(lines.get(1))
                    .containsOnlyKeys("time", "daemon", "message")
                    .containsEntry("daemon", "egress")
                    .containsEntry("message", "say \"hi\" \\ \\x1b tab\t\uFFFD");
            assertThat(lines.get(2)).doesNotContainKey("continued").containsEntry("message", "b".repeat(MAX_LINE));
            assertThat(lines.get(3)).containsEntry("continued", true).containsEntry("message", "b");
            assertThat(lines.getLast())
                    .containsOnlyKeys("time", "level", "code", "message")
                    .containsEntry("code", 0)
                    .containsEntry("message", "exit 0");
        }
    }
}
