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

    private static final RestartPolicy DEFAULTS = RestartPolicy.builder().build();

    private static final String DAEMON = "\ndaemons: {a: {command: [x]}}";

    @Test
    void theBuiltInBundleHasTheDefaults() {
        assertThat(BuiltInBundle.get().restart())
                .isEqualTo(DEFAULTS)
                .isEqualTo(new RestartPolicy(
                        TimeSpan.of("500ms"),
                        TimeSpan.of("30s"),
                        TimeSpan.of("60s"),
                        5,
                        TimeSpan.of("60s"),
                        CrashLoopAction.KEEP_TRYING));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "restart: {}"})
    void whatTheFileLeavesOutIsTheDefault(String line) {
        assertThat(BundleFixture.read(line + DAEMON).restart()).isEqualTo(DEFAULTS);
    }

    @Test
    void everyKeyIsRead() {
        // When
        Bundle bundle = BundleFixture.read("""
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
                .isEqualTo(new RestartPolicy(
                        TimeSpan.of("1s"),
                        TimeSpan.of("2m"),
                        TimeSpan.of("3s"),
                        4,
                        TimeSpan.of("5m"),
                        CrashLoopAction.TEARDOWN));
    }

    /** A key, and the policy that it makes. */
    static Stream<Arguments> singleKeys() {
        return Stream.of(
                arguments("initial_delay: 0s", RestartPolicy.builder().initialDelay(TimeSpan.of("0s"))),
                arguments("max_delay: 1s", RestartPolicy.builder().maxDelay(TimeSpan.of("1s"))),
                arguments(
                        "max_delay: 99ms",
                        RestartPolicy.builder()
                                .initialDelay(TimeSpan.of("99ms"))
                                .maxDelay(TimeSpan.of("99ms"))),
                arguments(
                        "initial_delay: 1m",
                        RestartPolicy.builder().initialDelay(TimeSpan.of("1m")).maxDelay(TimeSpan.of("1m"))),
                arguments("reset_after: 0ms", RestartPolicy.builder().resetAfter(TimeSpan.of("0ms"))),
                arguments("crash_loop_deaths: 1", RestartPolicy.builder().crashLoopDeaths(1)),
                arguments("crash_loop_window: 1ms", RestartPolicy.builder().crashLoopWindow(TimeSpan.of("1ms"))),
                arguments("crash_loop_action: leave", RestartPolicy.builder().crashLoopAction(CrashLoopAction.LEAVE)));
    }

    @ParameterizedTest
    @MethodSource("singleKeys")
    void oneKeyLeavesTheOthersAtTheirDefaults(String key, RestartPolicy.Builder policy) {
        assertThat(BundleFixture.read("restart: {" + key + "}" + DAEMON).restart())
                .isEqualTo(policy.build());
    }

    @ParameterizedTest
    @CsvSource({"keep-trying,KEEP_TRYING", "leave,LEAVE", "teardown,TEARDOWN"})
    void aCrashLoopActionIsReadFromItsWord(String word, CrashLoopAction action) {
        assertThat(BundleFixture.read("restart: {crash_loop_action: " + word + "}" + DAEMON)
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
    void theDelaysMayBeEqual(String rules) {
        assertThat(BundleFixture.errorsIn("restart: " + rules + DAEMON)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{initial_delay: 1s, max_delay: 999ms} | max_delay: 999ms is below the initial_delay; expected at least 1s",
            })
    void theLongestDelayIsAtLeastTheFirst(String rules, String error) {
        assertThat(BundleFixture.errorsIn("restart: " + rules + DAEMON)).containsExactly("b.yaml:1: restart." + error);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{initial_delay: fast, max_delay: 1ms}", "{initial_delay: 2m, max_delay: slow}"})
    void aDelayThatCannotBeReadIsOneError(String rules) {
        assertThat(BundleFixture.errorsIn("restart: " + rules + DAEMON))
                .singleElement()
                .asString()
                .contains("is not a duration");
    }

    /** The rules of the bundle, those of a daemon, and the policy that they make. */
    static Stream<Arguments> rulesOfADaemon() {
        return Stream.of(
                arguments("{}", "{}", RestartPolicy.builder()),
                arguments("{}", "{max_delay: 5s}", RestartPolicy.builder().maxDelay(TimeSpan.of("5s"))),
                arguments(
                        "{initial_delay: 1s, reset_after: 7s}",
                        "{max_delay: 5s, crash_loop_deaths: 2}",
                        RestartPolicy.builder()
                                .initialDelay(TimeSpan.of("1s"))
                                .maxDelay(TimeSpan.of("5s"))
                                .resetAfter(TimeSpan.of("7s"))
                                .crashLoopDeaths(2)),
                arguments(
                        "{crash_loop_action: teardown, crash_loop_window: 9s}",
                        "{crash_loop_action: leave}",
                        RestartPolicy.builder()
                                .crashLoopWindow(TimeSpan.of("9s"))
                                .crashLoopAction(CrashLoopAction.LEAVE)),
                arguments(
                        "{initial_delay: 1m}",
                        "{initial_delay: 0s}",
                        RestartPolicy.builder().initialDelay(TimeSpan.of("0s")).maxDelay(TimeSpan.of("1m"))));
    }

    @ParameterizedTest
    @MethodSource("rulesOfADaemon")
    void aKeyThatADaemonDoesNotNameIsTheBundles(String bundleRules, String rules, RestartPolicy.Builder expected) {
        // When the daemon stands before the bundle's rules
        Bundle bundle = BundleFixture.read(
                "daemons: {a: {command: [x], restart: " + rules + "}, b: {command: [x]}}\nrestart: " + bundleRules);

        // Then
        assertThat(bundle.restartOf(bundle.daemons().getFirst())).isEqualTo(expected.build());
        assertThat(bundle.restartOf(bundle.daemons().getLast())).isEqualTo(bundle.restart());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | {initial_delay: 2m} | 2m | 2m",
                "{} | {max_delay: 99ms} | 99ms | 99ms",
                "{initial_delay: 1m} | {initial_delay: 2m} | 2m | 2m",
                "{max_delay: 99ms} | {max_delay: 1ms} | 1ms | 1ms",
            })
    void aDelayThatTheFileDoesNotGiveFollowsTheOther(String bundleRules, String rules, String initial, String max) {
        Bundle bundle = BundleFixture.read(
                "restart: " + bundleRules + "\ndaemons: {a: {command: [x], restart: " + rules + "}}");

        assertThat(bundle.restartOf(bundle.daemons().getFirst()))
                .isEqualTo(RestartPolicy.builder()
                        .initialDelay(TimeSpan.of(initial))
                        .maxDelay(TimeSpan.of(max))
                        .build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{initial_delay: 10s} | {max_delay: 5s} | max_delay: 5s is below the bundle's initial_delay; expected at least 10s",
                "{max_delay: 5s} | {initial_delay: 10s} | initial_delay: 10s is above the bundle's max_delay; expected at most 5s",
                "{} | {initial_delay: 2s, max_delay: 1s} | max_delay: 1s is below the initial_delay; expected at least 2s",
                "{} | {crash_loop_deaths: none} | crash_loop_deaths: text; expected a whole number from 1 to 999999999",
                "{max_delay: 5s} | {initial_delay: soon} | initial_delay: \"soon\" is not a duration; expected a whole number and ms, s or m, as in 8s",
            })
    void whatADaemonAndItsBundleMakeTogetherIsCheckedWhereTheDaemonSaysIt(
            String bundleRules, String rules, String error) {
        assertThat(BundleFixture.errorsIn(
                        "restart: " + bundleRules + "\ndaemons: {a: {command: [x], restart: " + rules + "}}"))
                .containsExactly("b.yaml:2: daemons.a.restart." + error);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{initial_delay: 2s, max_delay: 1s}", "{initial_delay: soon}", "{max_delay: 1}", "always"})
    void aWrongRuleOfTheBundleIsNotReportedForEachDaemonToo(String rules) {
        assertThat(BundleFixture.errorsIn("restart: " + rules
                        + "\ndaemons: {a: {command: [x], restart: {max_delay: 500ms}},"
                        + " b: {command: [x], restart: {reset_after: 1s}}}"))
                .singleElement()
                .asString()
                .startsWith("b.yaml:1: restart");
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
                arguments("{crash_loop_deaths: 0}", ".crash_loop_deaths: \"0\" is out of range; " + count),
                arguments(
                        "{crash_loop_deaths: 1000000000}",
                        ".crash_loop_deaths: \"1000000000\" is out of range; " + count),
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
                        ".crash_loop_action: \"keep_trying\" is not a crash-loop action (did you mean keep-trying?); "
                                + "expected keep-trying, leave or teardown"));
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void aWrongValueIsOneErrorWithItsLine(String rules, String error) {
        assertThat(BundleFixture.errorsIn("restart: " + rules + DAEMON)).containsExactly("b.yaml:1: restart" + error);
    }
}
