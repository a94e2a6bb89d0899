package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors in a bundle file, to the letter. */
class BundleFileErrorsTest {

    private static final String DAEMON_KEYS =
            "one of command, environment, inherit_environment, working_dir, user, stop_signal, "
                    + "stop_grace_period, failure_policy, restart, depends_on, readiness, liveness";

    /** One wrong line each, under {@code egress}. */
    static Stream<Arguments> wrongKeysOfADaemon() {
        String duration = "expected a whole number and ms, s or m, as in 8s";
        String signal = "expected a name such as SIGTERM or TERM";
        String user = "expected a user's name or uid[:gid]";
        String text = "expected text (quote it if you mean the text)";
        return Stream.of(
                arguments(
                        "stop_singal: TERM",
                        "stop_singal: unknown key (did you mean stop_signal?); expected " + DAEMON_KEYS),
                arguments("'<<': {user: root}", "<<: unknown key; expected " + DAEMON_KEYS),
                arguments("stop_signal: SIGNOPE", "stop_signal: \"SIGNOPE\" is not a signal; " + signal),
                arguments("stop_signal: 15", "stop_signal: \"15\" is not a signal; " + signal),
                arguments("stop_signal:", "stop_signal: null; " + signal),
                arguments("stop_signal: [TERM]", "stop_signal: a list; " + signal),
                arguments("stop_grace_period: 5", "stop_grace_period: \"5\" is not a duration; " + duration),
                arguments("stop_grace_period: 9s", "stop_grace_period: 9s is above the bundle's; expected at most 8s"),
                arguments(
                        "failure_policy: explode",
                        "failure_policy: \"explode\" is not a failure policy; expected leave, restart or teardown"),
                arguments("user: ''", "user: \"\" is not a user; " + user),
                arguments("user: mitmproxy:mitmproxy", "user: \"mitmproxy:mitmproxy\" is not a user; " + user),
                arguments("user: 1.5", "user: a number; " + user),
                arguments("user: -1", "user: \"-1\" is not a user; " + user),
                arguments("user: 4294967295", "user: \"4294967295\" is not a user; " + user),
                arguments("user: true", "user: true or false; " + user),
                arguments("working_dir: ''", "working_dir: empty; expected a directory"),
                arguments("working_dir: 5", "working_dir: a number; expected a directory"),
                arguments("working_dir: ~", "working_dir: null; expected a directory"),
                arguments("working_dir: \"a\\0b\"", "working_dir: contains a NUL; expected text without it"),
                arguments("environment: [A=b]", "environment: a list; expected a map of names to values"),
                arguments("environment:", "environment: null; expected a map of names to values"),
                arguments("environment: {A: ~}", "environment.A: null; " + text),
                arguments("environment: {A: null}", "environment.A: null; " + text),
                arguments("environment: {A: [b]}", "environment.A: a list; expected text"),
                arguments("environment: {A: \"x\\0\"}", "environment.A: contains a NUL; expected text without it"),
                arguments(
                        "environment: {A: \"\\ud800\"}",
                        "environment.A: contains half a surrogate pair; expected Unicode text"),
                arguments(
                        "environment: {A: !secret b}",
                        "environment.A: a YAML tag that has no meaning here; expected text"),
                arguments("environment: {'': b}", "environment.: an empty name; expected the name of a variable"),
                arguments(
                        "environment: {A=b: c}",
                        "environment.A=: a name with =; expected NAME: value in environment, "
                                + "NAME alone in inherit_environment"),
                arguments("environment: {\"A\\0\": c}", "environment: key: contains a NUL; expected text without it"),
                arguments("environment: {~: c}", "environment: key: null; expected a name"),
                arguments("environment: {[a]: c}", "environment: key: a list; expected a name"),
                arguments(
                        "environment: {A: 1, A: 2}",
                        "environment.A: given twice, first on line 4; expected each name once"),
                arguments("inherit_environment: PATH", "inherit_environment: text; expected a list of names"),
                arguments("inherit_environment: [PATH, ~]", "inherit_environment: item 2: null; expected a name"),
                arguments(
                        "inherit_environment: ['']",
                        "inherit_environment: item 1: an empty name; expected the name of a variable"),
                arguments(
                        "inherit_environment: [A=b]",
                        "inherit_environment: item 1: a name with =; expected NAME: value in "
                                + "environment, NAME alone in inherit_environment"));
    }

    private static String lineSize(String given) {
        return "logs.max_line: " + given
                + " is not the size of a line; expected a whole number and B, KiB or MiB, as in 16KiB, from 64B to 4MiB";
    }

    @ParameterizedTest
    @MethodSource("wrongKeysOfADaemon")
    void aWrongKeyOfADaemonIsOneErrorWithItsLine(String line, String error) {
        assertThat(BundleFixture.errorsInDaemon(line)).containsExactly("b.yaml:4: daemons.egress." + error);
    }

    /** One wrong line each, before a valid {@code daemons}. */
    static Stream<Arguments> wrongKeysOfTheBundle() {
        return Stream.of(
                arguments(
                        "failure-policy: leave",
                        "failure-policy: unknown key (did you mean failure_policy?); expected one of failure_policy, "
                                + "stop_grace_period, restart, notify, events, logs, forward_hup, daemons"),
                arguments(
                        "failure_policy: Leave",
                        "failure_policy: \"Leave\" is not a failure policy (did you mean leave?); expected leave, restart or teardown"),
                arguments("failure_policy: {a: b}", "failure_policy: a map; expected leave, restart or teardown"),
                arguments(
                        "stop_grace_period: 8 s",
                        "stop_grace_period: \"8 s\" is not a duration; expected a whole number and ms, s or m, as in 8s"),
                arguments(
                        "stop_grace_period:",
                        "stop_grace_period: null; expected a whole number and ms, s or m, as in 8s"),
                arguments("logs: json", "logs: text; expected a map"),
                arguments("logs: {}\nlogs: {}", "logs: given twice, first on line 1; expected each name once"),
                arguments("logs: {format: xml}", "logs.format: \"xml\" is not a log format; expected text or json"),
                arguments("logs: {format: null}", "logs.format: null; expected text or json"),
                arguments("logs: {level: info}", "logs.level: unknown key; expected one of format, max_line, colour"),
                arguments(
                        "logs: {colour: never}",
                        "logs.colour: \"never\" is not what becomes of colours; expected escape or strip"),
                arguments("logs: {max_line: 16kb}", lineSize("\"16kb\"")),
                arguments("logs: {max_line: 4096}", lineSize("\"4096\"")),
                arguments("logs: {max_line: 63B}", lineSize("\"63B\"")),
                arguments("logs: {max_line: 4097KiB}", lineSize("\"4097KiB\"")),
                arguments("logs: {max_line: 999999999MiB}", lineSize("\"999999999MiB\"")),
                arguments("logs: {max_line: 1.5MiB}", lineSize("\"1.5MiB\"")),
                arguments("logs: {max_line: -1B}", lineSize("\"-1B\"")),
                arguments("~: x", "bundle: key: null; expected a name"));
    }

    @ParameterizedTest
    @MethodSource("wrongKeysOfTheBundle")
    void aWrongKeyOfTheBundleIsOneErrorWithItsLine(String lines, String error) {
        long line = lines.lines().count();
        assertThat(BundleFixture.errorsIn(lines + "\ndaemons: {a: {command: [x]}}"))
                .containsExactly("b.yaml:" + line + ": " + error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "command: sleep 1 | text; expected a list of the program and its arguments",
                "command: [] | an empty list; expected a list of the program and its arguments",
                "command: | null; expected a list of the program and its arguments",
                "command: [''] | an empty program; expected a list of the program and its arguments",
                "command: [a, ~] | item 2: null; expected text (quote it if you mean the text)",
                "command: [a, null] | item 2: null; expected text (quote it if you mean the text)",
                "command: [a, [b]] | item 2: a list; expected text",
                "command: [a, {b: c}] | item 2: a map; expected text",
                "command: [a, \"\\0\"] | item 2: contains a NUL; expected text without it",
                "command: !!set {a} | a YAML tag that has no meaning here; expected a list of the program and its arguments",
                "user: root | missing; expected a list of the program and its arguments",
            })
    void aCommandIsAListOfTextThatStartsWithAProgram(String line, String error) {
        // When the line is all that egress has
        List<String> errors = BundleFixture.errorsIn("daemons:\n  egress: {" + line + "}");

        // Then
        assertThat(errors).containsExactly("b.yaml:2: daemons.egress.command: " + error);
    }

    @Test
    void anErrorInAnItemHasTheLineOfTheItem() {
        assertThat(BundleFixture.errorsIn("daemons:\n  a:\n    command:\n    - sh\n    -\n    - x\n"))
                .containsExactly(
                        "b.yaml:5: daemons.a.command: item 2: null; expected text (quote it if you mean the text)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Egress | \"Egress\" is not a daemon's name; expected a to z, 0 to 9 and -, not - first",
                "-a | \"-a\" is not a daemon's name; expected a to z, 0 to 9 and -, not - first",
                "a_b | \"a_b\" is not a daemon's name; expected a to z, 0 to 9 and -, not - first",
                "a.b | \"a.b\" is not a daemon's name; expected a to z, 0 to 9 and -, not - first",
                "é | \"é\" is not a daemon's name; expected a to z, 0 to 9 and -, not - first",
                "supervisor | a reserved name; expected another one than supervisor and bundle",
                "bundle | a reserved name; expected another one than supervisor and bundle",
            })
    void aDaemonsNameIsLowerCaseLettersDigitsAndHyphens(String name, String error) {
        assertThat(BundleFixture.errorsIn("daemons:\n  " + name + ": {command: [x]}"))
                .containsExactly("b.yaml:2: daemons." + name + ": " + error);
    }

    @Test
    void aNameGivenTwiceIsReportedWithBothLinesAndBothDaemonsAreValidated() {
        assertThat(BundleFixture.errorsIn(
                        "daemons:\n  a: {command: []}\n  b: {command: [x]}\n  a: {command: [x], user: ''}\n"))
                .containsExactly(
                        "b.yaml:2: daemons.a.command: an empty list; expected a list of the program and its arguments",
                        "b.yaml:4: daemons.a: given twice, first on line 2; expected each name once",
                        "b.yaml:4: daemons.a.user: \"\" is not a user; expected a user's name or uid[:gid]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "daemons: {} | 1: daemons: an empty map; expected a map of at least one daemon",
                "daemons: | 1: daemons: null; expected a map of at least one daemon",
                "daemons: [a] | 1: daemons: a list; expected a map of at least one daemon",
                "daemons: {a: } | 1: daemons.a: null; expected a map with the key command",
                "daemons: {a: [sleep]} | 1: daemons.a: a list; expected a map with the key command",
                "daemons: {a: {}} | 1: daemons.a.command: missing; expected a list of the program and its arguments",
                "failure_policy: leave | 1: daemons: missing; expected a map of at least one daemon",
                "'' | 1: bundle: empty; expected a map with the key daemons",
                "'# only a comment' | 1: bundle: empty; expected a map with the key daemons",
                "--- | 1: bundle: null; expected a map with the key daemons",
                "'[a]' | 1: bundle: a list; expected a map with the key daemons",
                "hello | 1: bundle: text; expected a map with the key daemons",
                "{} | 1: daemons: missing; expected a map of at least one daemon",
            })
    void daemonsIsAMapOfAtLeastOne(String file, String error) {
        assertThat(BundleFixture.errorsIn(file)).containsExactly("b.yaml:" + error);
    }

    @Test
    void allErrorsAreReportedAtOnceInTheOrderOfTheFile() {
        // Given errors that are found in another order than they stand in the file
        List<String> errors = BundleFixture.errorsIn("""
                forward_hup: [nobody]
                stop_grace_period: never
                daemons:
                  egress:
                    comand: [x]
                    stop_signal: FOO
                  Web: {command: [x]}
                """);

        // Then
        assertThat(errors)
                .extracting(line -> line.replaceFirst("; expected .*", ""))
                .containsExactly(
                        "b.yaml:1: forward_hup: item 1: unknown daemon \"nobody\"",
                        "b.yaml:2: stop_grace_period: \"never\" is not a duration",
                        "b.yaml:4: daemons.egress.command: missing",
                        "b.yaml:5: daemons.egress.comand: unknown key (did you mean command?)",
                        "b.yaml:6: daemons.egress.stop_signal: \"FOO\" is not a signal",
                        "b.yaml:7: daemons.Web: \"Web\" is not a daemon's name");
    }

    @Test
    void aWrongGraceOfTheBundleIsNotReportedForEachDaemonToo() {
        assertThat(BundleFixture.errorsIn("stop_grace_period: x\ndaemons: {a: {command: [x], stop_grace_period: 99s}}"))
                .hasSize(1);
    }

    @Test
    void anErrorIsOneLineThatCannotDriveTheTerminal() {
        assertThat(BundleFixture.errorsIn("\"a\\nb\\e[31m\\u202e\": 1\ndaemons: {a: {command: [x]}}"))
                .singleElement()
                .asString()
                .startsWith("b.yaml:1: a\\x0ab\\x1b[31m\\u202e: unknown key;");
    }

    @Test
    void afterAThousandErrorsTheRestIsCounted() {
        // Given
        String file = IntStream.range(0, 1500).mapToObj(i -> "k" + i + ": 1\n").collect(Collectors.joining());

        // Then the rest is counted
        assertThat(BundleFixture.errorsIn(file)).hasSize(1001).last().isEqualTo("and 501 more mistakes");
    }
}
