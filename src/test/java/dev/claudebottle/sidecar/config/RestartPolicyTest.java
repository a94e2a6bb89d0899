package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code restart}. */
class RestartPolicyTest {

    private static final RestartPolicy DEFAULTS =
            new RestartPolicy(span("500ms"), span("30s"), span("60s"), 5, span("60s"), CrashLoopAction.KEEP_TRYING);

    private static final String DAEMON = "\ndaemons: {a: {command: [x]}}";

    private static TimeSpan span(String text) {
        return TimeSpan.parse(text).orElseThrow();
    }

    @Test
    void theBuiltInBundleHasTheContractsDefaults() {
        assertThat(BuiltInBundle.get().restart()).isEqualTo(DEFAULTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "restart: {}"})
    void whatTheFileLeavesOutIsTheDefault(String line) {
        assertThat(Yaml.read(line + DAEMON).restart()).isEqualTo(DEFAULTS);
    }

    @Test
    void everyKeyArrives() {
        // When
        Bundle bundle = Yaml.read("""
                restart:
                  initial_delay: 1s
                  max_delay: 2m
                  reset_after: 3s
                  crash_loop_deaths: 4
                  crash_loop_window: 5m
                  crash_loop_action: teardown
                """ + DAEMON);

        // Then
        assertThat(bundle.restart())
                .isEqualTo(
                        new RestartPolicy(span("1s"), span("2m"), span("3s"), 4, span("5m"), CrashLoopAction.TEARDOWN));
    }

    static Stream<Arguments> singleKeys() {
        TimeSpan window = DEFAULTS.crashLoopWindow();
        TimeSpan reset = DEFAULTS.resetAfter();
        CrashLoopAction action = DEFAULTS.crashLoopAction();
        return Stream.of(
                arguments("initial_delay: 0s", new RestartPolicy(span("0s"), span("30s"), reset, 5, window, action)),
                arguments("max_delay: 1s", new RestartPolicy(span("500ms"), span("1s"), reset, 5, window, action)),
                arguments("max_delay: 99ms", new RestartPolicy(span("99ms"), span("99ms"), reset, 5, window, action)),
                arguments("initial_delay: 1m", new RestartPolicy(span("1m"), span("1m"), reset, 5, window, action)),
                arguments(
                        "reset_after: 0ms",
                        new RestartPolicy(span("500ms"), span("30s"), span("0ms"), 5, window, action)),
                arguments(
                        "crash_loop_deaths: 1",
                        new RestartPolicy(span("500ms"), span("30s"), reset, 1, window, action)),
                arguments(
                        "crash_loop_window: 1ms",
                        new RestartPolicy(span("500ms"), span("30s"), reset, 5, span("1ms"), action)),
                arguments(
                        "crash_loop_action: leave",
                        new RestartPolicy(span("500ms"), span("30s"), reset, 5, window, CrashLoopAction.LEAVE)));
    }

    @ParameterizedTest
    @MethodSource("singleKeys")
    void oneKeyLeavesTheOthersAtTheirDefaults(String key, RestartPolicy rules) {
        assertThat(Yaml.read("restart: {" + key + "}" + DAEMON).restart()).isEqualTo(rules);
    }

    @ParameterizedTest
    @CsvSource({"keep-trying,KEEP_TRYING", "leave,LEAVE", "teardown,TEARDOWN"})
    void aCrashLoopActionHasItsWord(String word, CrashLoopAction action) {
        assertThat(Yaml.read("restart: {crash_loop_action: " + word + "}" + DAEMON)
                        .restart()
                        .crashLoopAction())
                .isEqualTo(action);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{initial_delay: 30s}",
                "{max_delay: 500ms}",
                "{initial_delay: 2m, max_delay: 120s}",
                "{max_delay: 1ms, initial_delay: 0s}"
            })
    void theTwoDelaysMayBeEqual(String rules) {
        assertThat(Yaml.errorsIn("restart: " + rules + DAEMON)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{initial_delay: 1s, max_delay: 999ms} | max_delay: 999ms is below the initial_delay of 1s; expected at least 1s",
            })
    void theLongestDelayIsNotBelowTheFirst(String rules, String error) {
        assertThat(Yaml.errorsIn("restart: " + rules + DAEMON)).containsExactly("b.yaml:1: restart." + error);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{initial_delay: fast, max_delay: 1ms}", "{initial_delay: 2m, max_delay: slow}"})
    void aDelayThatCannotBeReadIsOneError(String rules) {
        assertThat(Yaml.errorsIn("restart: " + rules + DAEMON))
                .singleElement()
                .asString()
                .contains("is not a duration");
    }

    static Stream<Arguments> wrongValues() {
        String duration = "expected a whole number and ms, s or m, as in 8s";
        String count = "expected a whole number from 1 to 999999999";
        return Stream.of(
                arguments("always", ": text; expected a map"),
                arguments("", ": null; expected a map"),
                arguments(
                        "{delay: 1s}",
                        ".delay: unknown key; expected one of initial_delay, max_delay, reset_after, "
                                + "crash_loop_deaths, crash_loop_window, crash_loop_action"),
                arguments("{initial_delay: fast}", ".initial_delay: \"fast\" is not a duration; " + duration),
                arguments("{max_delay: 0s}", ".max_delay: \"0s\" is not a duration above 0; " + duration),
                arguments("{reset_after: ~}", ".reset_after: null; " + duration),
                arguments(
                        "{crash_loop_deaths: 0}",
                        ".crash_loop_deaths: \"0\" is not a whole number from 1 to 999999999; " + count),
                arguments(
                        "{crash_loop_deaths: 1000000000}",
                        ".crash_loop_deaths: \"1000000000\" is not a whole number from 1 to 999999999; " + count),
                arguments("{crash_loop_deaths: '5'}", ".crash_loop_deaths: text; " + count),
                arguments("{crash_loop_deaths: 2.5}", ".crash_loop_deaths: a number; " + count),
                arguments(
                        "{crash_loop_window: 60}", ".crash_loop_window: \"60\" is not a duration above 0; " + duration),
                arguments(
                        "{crash_loop_action: restart}",
                        ".crash_loop_action: \"restart\" is not a crash-loop action; "
                                + "expected keep-trying, leave or teardown"),
                arguments(
                        "{crash_loop_action: keep_trying}",
                        ".crash_loop_action: \"keep_trying\" is not a crash-loop action; "
                                + "expected keep-trying, leave or teardown"));
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void aWrongValueIsOneErrorWithItsLine(String rules, String error) {
        assertThat(Yaml.errorsIn("restart: " + rules + DAEMON)).containsExactly("b.yaml:1: restart" + error);
    }
}
