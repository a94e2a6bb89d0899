package dev.claudebottle.sidecar.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys whose effect is not built yet: validated like all others, and refused. */
class NotBuiltYetTest {

    private static final String NOT_YET = ": not supported yet; expected a bundle without it";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "restart: {}",
                "restart: {initial_delay: 0s, max_delay: 30s, reset_after: 60s, crash_loop_deaths: 5, crash_loop_window: 60s}",
                "restart: {crash_loop_action: keep-trying}",
                "restart: {crash_loop_action: teardown}",
                "notify: {url: \"http://127.0.0.1:9100/events\"}",
                "notify: {url: \"https://example.org\"}",
                "events: {output_lines: 0}",
                "forward_hup: []",
                "forward_hup: [a, b]",
            })
    void aValidKeyOfTheBundleIsRefusedOnceWithItsLine(String line) {
        String key = line.substring(0, line.indexOf(':'));

        assertThat(Yaml.mistakesIn(line + "\ndaemons: {a: {command: [x]}, b: {command: [x]}}"))
                .containsExactly("b.yaml:1: " + key + NOT_YET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "depends_on: []",
                "readiness: {tcp: \"127.0.0.1:9099\", period: 500ms, timeout: 1s}",
                "readiness: {tcp: \"[::1]:80\"}",
                "liveness: {http: \"http://egress.health/\", proxy: \"http://127.0.0.1:9099\", period: 10s, timeout: 3s, failure_threshold: 3}",
                "liveness: {exec: [test, -f, /tmp/1]}",
                "readiness: {http: \"https://[::1]:8443/x?y=z\"}",
            })
    void aValidKeyOfADaemonIsRefusedOnceWithItsLine(String line) {
        String key = line.substring(0, line.indexOf(':'));

        assertThat(Yaml.mistakesInDaemon(line)).containsExactly("b.yaml:4: daemons.egress." + key + NOT_YET);
    }

    static Stream<Arguments> wrongBundleValues() {
        String duration = "expected a whole number and ms, s or m, as in 8s";
        String count = "expected a whole number from 1 to 999999999";
        return Stream.of(
                arguments("restart: always", "restart: text; expected a map"),
                arguments("restart:", "restart: null; expected a map"),
                arguments(
                        "restart: {delay: 1s}",
                        "restart.delay: unknown key; expected one of initial_delay, max_delay, "
                                + "reset_after, crash_loop_deaths, crash_loop_window, crash_loop_action"),
                arguments(
                        "restart: {initial_delay: fast}",
                        "restart.initial_delay: \"fast\" is not a duration; " + duration),
                arguments(
                        "restart: {max_delay: 0s}", "restart.max_delay: \"0s\" is not a duration above 0; " + duration),
                arguments("restart: {reset_after: ~}", "restart.reset_after: null; " + duration),
                arguments(
                        "restart: {crash_loop_deaths: 0}",
                        "restart.crash_loop_deaths: \"0\" is not a whole number from 1 to " + "999999999; " + count),
                arguments("restart: {crash_loop_deaths: '5'}", "restart.crash_loop_deaths: text; " + count),
                arguments("restart: {crash_loop_deaths: 2.5}", "restart.crash_loop_deaths: a number; " + count),
                arguments(
                        "restart: {crash_loop_window: 60}",
                        "restart.crash_loop_window: \"60\" is not a duration above 0; " + duration),
                arguments(
                        "restart: {crash_loop_action: restart}",
                        "restart.crash_loop_action: \"restart\" is not a crash-loop "
                                + "action; expected keep-trying, leave or teardown"),
                arguments("notify: {uri: x}", "notify.uri: unknown key; expected one of url"),
                arguments(
                        "notify: {url: \"ftp://a/\"}",
                        "notify.url: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/"),
                arguments(
                        "notify: {url: \"http:///x\"}",
                        "notify.url: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/"),
                arguments(
                        "notify: {url: \"http://a:99999/\"}",
                        "notify.url: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/"),
                arguments(
                        "notify: {url: 5}",
                        "notify.url: a number; expected a URL with a host, as in http://127.0.0.1:9100/"),
                arguments(
                        "events: {output_lines: -1}",
                        "events.output_lines: \"-1\" is not a whole number from 0 to 999999999; "
                                + "expected a whole number from 0 to 999999999"),
                arguments("events: {lines: 1}", "events.lines: unknown key; expected one of output_lines"),
                arguments("forward_hup: a", "forward_hup: text; expected a list of daemons"),
                arguments(
                        "forward_hup: [a, egres]",
                        "forward_hup: item 2: unknown daemon \"egres\"; expected a daemon of this file"),
                arguments("forward_hup: [~]", "forward_hup: item 1: null; expected a daemon's name"));
    }

    @ParameterizedTest
    @MethodSource("wrongBundleValues")
    void aWrongValueOfTheBundleIsReportedToo(String line, String mistake) {
        String key = line.substring(0, line.indexOf(':'));

        assertThat(Yaml.mistakesIn(line + "\ndaemons: {a: {command: [x]}}"))
                .containsExactlyInAnyOrder("b.yaml:1: " + mistake, "b.yaml:1: " + key + NOT_YET);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp | null; expected a map",
                "{} | nothing to probe; expected exactly one of tcp, http, exec",
                "{period: 1s} | nothing to probe; expected exactly one of tcp, http, exec",
                "{tcp: \"a:1\", exec: [x]} | tcp and exec together; expected exactly one of tcp, http, exec",
                "{tcp: \"a:1\", proxy: \"http://a:1\"} | .proxy: a proxy without http; expected it beside http only",
                "{http: \"http://a\", proxy: \"a:1\"} | .proxy: not an http URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "{http: \"http://a\", proxy: \"https://a:1\"} | .proxy: not an http URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "{http: /health} | .http: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "{http: \"http://a b/\"} | .http: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "{tcp: \"9099\"} | .tcp: not an address; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{tcp: 9099} | .tcp: a number; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{tcp: \"a:0\"} | .tcp: not an address; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{tcp: \"a:65536\"} | .tcp: not an address; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{tcp: \"::1:80\"} | .tcp: not an address; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{exec: []} | .exec: an empty list; expected a list of the program and its arguments",
                "{exec: test -f x} | .exec: text; expected a list of the program and its arguments",
                "{exec: [x], period: 0s} | .period: \"0s\" is not a duration above 0; expected a whole number and ms, s or m, as in 8s",
                "{exec: [x], timeout: 1} | .timeout: \"1\" is not a duration above 0; expected a whole number and ms, s or m, as in 8s",
                "{exec: [x], failure_threshold: 0} | .failure_threshold: \"0\" is not a whole number from 1 to 999999999; expected a whole number from 1 to 999999999",
                "{exec: [x], failure_threshold: } | .failure_threshold: null; expected a whole number from 1 to 999999999",
                "{exec: [x], interval: 1s} | .interval: unknown key; expected one of tcp, http, exec, proxy, period, timeout, failure_threshold",
            })
    void aWrongProbeIsReportedToo(String probe, String mistake) {
        for (String key : List.of("readiness", "liveness")) {
            String text = probe.equals("tcp") ? "" : probe;
            String full = "daemons.egress." + key + (mistake.startsWith(".") ? mistake : ": " + mistake);

            assertThat(Yaml.mistakesInDaemon(key + ": " + text))
                    .containsExactlyInAnyOrder("b.yaml:4: " + full, "b.yaml:4: daemons.egress." + key + NOT_YET);
        }
    }

    /** The mistakes about {@code depends_on} but the one that it is not supported yet. */
    private static List<String> dependsOn(String daemons) {
        List<String> mistakes = new ArrayList<>(Yaml.mistakesIn("daemons:\n" + daemons.indent(2)));
        mistakes.removeIf(line -> line.endsWith(NOT_YET));
        return mistakes;
    }

    @Test
    void aDependencyIsADaemonOfTheFile() {
        assertThat(dependsOn("a: {command: [x], depends_on: [b, c]}\nb: {command: [x]}"))
                .containsExactly(
                        "b.yaml:2: daemons.a.depends_on: item 2: unknown daemon \"c\"; expected a daemon of this file");
    }

    @Test
    void aCircleIsReportedOnceWithItsPath() {
        assertThat(dependsOn("""
                a: {command: [x], depends_on: [b]}
                b: {command: [x], depends_on: [c]}
                c: {command: [x], depends_on: [d, b]}
                d: {command: [x]}
                """))
                .containsExactly("b.yaml:4: daemons.c.depends_on: item 2: circular: b -> c -> b; expected no circle");
    }

    @Test
    void aDaemonThatDependsOnItselfIsACircle() {
        assertThat(dependsOn("a: {command: [x], depends_on: [a]}"))
                .containsExactly("b.yaml:2: daemons.a.depends_on: item 1: circular: a -> a; expected no circle");
    }

    @Test
    void everyCircleIsReported() {
        assertThat(dependsOn("""
                a: {command: [x], depends_on: [b, c]}
                b: {command: [x], depends_on: [a]}
                c: {command: [x], depends_on: [a]}
                """)).hasSize(2);
    }

    @Test
    void aDiamondIsNoCircle() {
        assertThat(dependsOn("""
                a: {command: [x], depends_on: [b, c]}
                b: {command: [x], depends_on: [d]}
                c: {command: [x], depends_on: [d]}
                d: {command: [x]}
                """)).isEmpty();
    }

    @Test
    void aChainOfThousandsIsFollowedToItsEnd() {
        // Given
        int last = 15_000;
        String daemons = IntStream.rangeClosed(0, last)
                .mapToObj(i -> "d" + i + ": {command: [x], depends_on: [d" + (i == last ? 0 : i + 1) + "]}")
                .collect(Collectors.joining("\n"));

        // When each daemon adds its "not supported yet", the list is full before the circle
        List<String> mistakes = Yaml.mistakesIn("daemons:\n" + daemons.indent(1));

        // Then it is counted all the same
        assertThat(mistakes).hasSize(1001).last().isEqualTo("and " + (last + 2 - 1000) + " more mistakes");
    }
}
