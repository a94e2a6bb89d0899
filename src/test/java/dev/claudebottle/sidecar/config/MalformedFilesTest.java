package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Any bytes are a bundle, or are refused with errors: never an exception, an endless loop or a full memory. */
class MalformedFilesTest {

    private static final String VALID = """
            failure_policy: teardown
            stop_grace_period: 8s
            restart: {initial_delay: 500ms, max_delay: 30s, crash_loop_deaths: 5, crash_loop_action: keep-trying}
            notify: {url: "http://127.0.0.1:9100/events"}
            logs: {format: text}
            forward_hup: [pipelock]
            daemons:
              egress: &e
                command: [/bin/sh, "-c", 'exec sleep 1000']
                environment: {PYTHONUNBUFFERED: "1\\t\\u00e9"}
                user: 1000:1000
                stop_signal: SIGTERM
                depends_on: [pipelock]
                liveness: {http: "http://egress.health/", proxy: "http://127.0.0.1:9099", failure_threshold: 3}
              pipelock:
                command: !!seq
                - |
                  a
                - >-
                  b
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: b: c | 1 | mapping values are not allowed here",
                "a: @b | 1 | a character that must be quoted",
                "a: \"\\q\" | 1 | found unknown escape character",
                "a: *b | 1 | found undefined alias",
                "a: !x!b c | 1 | found undefined tag handle",
                "a: 'it's' | 1 | text after the end of a quote",
                "'daemons:\n\ta: b' | 2 | a tab as indentation",
                "'a: 1\nb: \u0001x' | 2 | a control character",
                "'a: 1\r\nb: \u0001x' | 2 | a control character",
                "'- a\nb: c' | 2 | an indentation that does not fit the lines before it",
                "'a:\n  b: 1\n c: 2' | 3 | an indentation that does not fit the lines before it",
            })
    void aSyntaxErrorHasItsLineAndItsReason(String file, int line, String problem) {
        assertThat(BundleFixture.errorsIn(file))
                .containsExactly("b.yaml:" + line + ": bundle: " + problem + "; expected valid YAML");
    }

    /** Each begins on line 2. */
    static Stream<Arguments> whatIsNotClosed() {
        return Stream.of(
                arguments("a: \"b\nc: d\n", "a quote that begins here is not closed; expected another quote"),
                arguments("a: 'b\n---\nc: d\n", "a quote that begins here is not closed; expected another quote"),
                arguments("a: [x, 'b]\nc: d\n\n\n", "a quote that begins here is not closed; expected another quote"),
                arguments(
                        "a: \"b\nc: d\ne: \"f\"\n",
                        "a quote that begins here ends on line 4, and text follows it; expected its end before that"),
                arguments(
                        "a: [sh, -c, 'exec x]\nb: {c: 'd'}\n",
                        "a quote that begins here ends on line 3, and text follows it; expected its end before that"),
                arguments(
                        "a: {b: \"x, c: y}\nd: \"e\"\n",
                        "a quote that begins here ends on line 3, and text follows it; expected its end before that"),
                arguments(
                        "- 'c\n- 'd'\n",
                        "a quote that begins here ends on line 3, and text follows it; expected its end before that"),
                arguments("a: [b, c\n", "a [ that begins here is not closed; expected ]"),
                arguments("a: {b: c\n\n", "a { that begins here is not closed; expected }"),
                arguments(
                        "a: [b, c\nd: e\n",
                        "a [ that begins here is not closed, or lacks a comma, on line 3; expected , or ]"),
                arguments(
                        "a: {b: c,\nd: e\nf: g}\n",
                        "a { that begins here is not closed, or lacks a comma, on line 4; expected , or }"),
                arguments(
                        "a: [b, {c: d]\n",
                        "a { that begins here is not closed, or lacks a comma, on line 2; expected , or }"));
    }

    @ParameterizedTest
    @MethodSource("whatIsNotClosed")
    void whatIsNotClosedIsReportedWhereItBegins(String lines, String error) {
        assertThat(BundleFixture.errorsIn("# a comment\n" + lines)).containsExactly("b.yaml:2: bundle: " + error);
    }

    @Test
    void aQuoteOfSeveralLinesBeforeAnotherMistakeIsNotBlamed() {
        assertThat(BundleFixture.errorsIn("a: 'b\n  c'\nd:\n  e: 1\n f: 2\n"))
                .containsExactly("b.yaml:5: bundle: an indentation that does not fit the lines before it;"
                        + " expected valid YAML");
    }

    @Test
    void aSecondDocumentIsRefusedWithItsLine() {
        assertThat(BundleFixture.errorsIn("daemons: {a: {command: [x]}}\n---\nb: 1\n---\n"))
                .containsExactly("b.yaml:2: bundle: a second document; expected one document");
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedWithTheirLine() {
        assertThat(BundleFixture.errorsIn("a: 1\nb: é".getBytes(StandardCharsets.ISO_8859_1)))
                .containsExactly("b.yaml:2: bundle: not UTF-8; expected a bundle file in UTF-8");
        assertThat(BundleFixture.errorsIn("a: 1".getBytes(StandardCharsets.UTF_16)))
                .containsExactly("b.yaml:1: bundle: not UTF-8; expected a bundle file in UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "daemons: &d {egress: *d}",
                "&a {*a : b}",
                "&a [*a]",
                "daemons: {a: &x {command: &c [*c], environment: &e {A: *e}}}",
                "&a {!!merge <<: *a}",
                "daemons: &d {a: {command: [x], environment: *d, depends_on: &l [*l], readiness: *d}}",
                "&a {<<: *a}",
                "%YAML 9.9\n---\na",
                "a: !!merge x",
                "? ? a",
                "!!binary x",
                "!<> x",
                "a: \"\\ud800\\udc00\"",
                "\0",
                "\uFEFF\uFEFF",
            })
    void aFileThatContainsItselfIsRefused(String file) {
        assertThat(assertTimeoutPreemptively(Duration.ofSeconds(5), () -> BundleFixture.errorsIn(file)))
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- ", "? ", "{? ", "!!seq [", "&a [", "\"", "a", "'", "%", "\n", ":\n"})
    void aMegabyteOfOneTokenIsRefused(String thing) {
        // Given
        String file = thing.repeat((1 << 20) / thing.length());

        // Then
        List<String> errors = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> BundleFixture.errorsIn(file));
        assertThat(errors).isNotEmpty().allSatisfy(line -> assertThat(line).hasSizeLessThan(1000));
    }

    @Test
    void aliasesThatMultiplyAreRefused() {
        // Given each level stands for ten of the one before
        StringBuilder file = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 20; i++) {
            file.append(
                    "a%d: &a%d [%s]\n".formatted(i, i, "*a%d, ".formatted(i - 1).repeat(10)));
        }

        // Then
        assertThat(BundleFixture.errorsIn(file.toString())).isNotEmpty();
    }

    @Test
    void aFileWithMutatedCharactersIsABundleOrIsRefused() {
        Random random = new Random(20261123);
        String alphabet = "{}[]:,-&*!|>'\"%@`#?~\\ \n\t0aé\u0000\u0085\u2028\uFEFF";
        for (int round = 0; round < 4000; round++) {
            StringBuilder file = new StringBuilder(VALID);
            for (int change = random.nextInt(6); change >= 0; change--) {
                int at = random.nextInt(file.length());
                switch (random.nextInt(4)) {
                    case 0 -> file.deleteCharAt(at);
                    case 1 -> file.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    case 2 -> file.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    default -> file.insert(at, VALID, at / 2, at / 2 + random.nextInt(40));
                }
            }
            assertOneLineEach(file.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void theFileThatIsMutatedIsABundle() {
        assertThat(BundleFixture.errorsIn(VALID)).isEmpty();
    }

    @Test
    void aFileWithAMutatedByteIsABundleOrIsRefused() {
        Random random = new Random(42);
        for (int round = 0; round < 4000; round++) {
            byte[] file = VALID.getBytes(StandardCharsets.UTF_8);
            file[random.nextInt(file.length)] = (byte) random.nextInt(256);
            assertOneLineEach(file);
        }
    }

    /** A bundle reads back as it is rendered. */
    private static void assertOneLineEach(byte[] file) {
        List<String> errors = BundleFixture.errorsIn(file);
        assertThat(errors)
                .as(() -> new String(file, StandardCharsets.UTF_8))
                .allMatch(line -> line.matches("b\\.yaml:[1-9][0-9]*: .+: .+; expected .+"));
        if (errors.isEmpty()) {
            String shown = BundleYaml.render(BundleFixture.read(file));
            assertThat(BundleYaml.render(BundleFixture.read(shown))).isEqualTo(shown);
        }
    }
}
