package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundleYamlTest {

    @Test
    void theBuiltInBundleIsRenderedAsABundleFile() {
        assertThat(BundleYaml.render(Settings.read(Flags.NONE, Map.of()).bundle()))
                .startsWith("""
                failure_policy: leave
                stop_grace_period: 8s
                restart: {initial_delay: 500ms, max_delay: 30s, reset_after: 60s, crash_loop_deaths: 5, crash_loop_window: 60s, crash_loop_action: keep-trying}
                notify: {url: 'http://127.0.0.1:9100/events'}
                events: {output_lines: 20}
                logs: {format: text, max_line: 1MiB, colour: escape}
                forward_hup: []
                daemons:
                  egress:
                    command: [/bin/sh, /app/egress-entrypoint.sh]
                    stop_signal: SIGTERM
                    stop_grace_period: 8s
                    failure_policy: leave
                    depends_on: []
                  pipelock:
                """);
    }

    @Test
    void everyKeyIsRenderedAndEveryValueOfTheEnvironmentIsHidden() {
        // Given
        Bundle bundle = BundleFixture.read("""
                failure_policy: restart
                stop_grace_period: 5s
                restart: {initial_delay: 0s, max_delay: 10s, reset_after: 2m, crash_loop_deaths: 3, crash_loop_window: 30s, crash_loop_action: teardown}
                events: {output_lines: 0}
                forward_hup: [a]
                daemons:
                  a:
                    command: [sleep, 1000, 'true', "", "two\\nlines", "~", 'a: b']
                    environment: {TOKEN: hunter2, EMPTY: ""}
                    inherit_environment: []
                    working_dir: /app
                    user: 1000
                    stop_signal: INT
                    restart: {max_delay: 20s}
                    depends_on: [b]
                    readiness: {tcp: "[::1]:80"}
                    liveness: {http: "http://egress.health/", proxy: "http://127.0.0.1:9099", timeout: 3s}
                  b:
                    command: [x]
                    failure_policy: leave
                    readiness: {exec: [test, -f, /tmp/1], period: 500ms, failure_threshold: 2}
                """);

        // Then
        assertThat(BundleYaml.render(bundle)).isEqualTo("""
                failure_policy: restart
                stop_grace_period: 5s
                restart: {initial_delay: 0s, max_delay: 10s, reset_after: 2m, crash_loop_deaths: 3, crash_loop_window: 30s, crash_loop_action: teardown}
                notify: {}
                events: {output_lines: 0}
                logs: {format: text, max_line: 1MiB, colour: escape}
                forward_hup: [a]
                daemons:
                  a:
                    command:
                    - sleep
                    - '1000'
                    - 'true'
                    - ''
                    - |-
                      two
                      lines
                    - '~'
                    - 'a: b'
                    environment: {TOKEN: '***', EMPTY: '***'}
                    inherit_environment: []
                    working_dir: /app
                    user: '1000'
                    stop_signal: SIGINT
                    stop_grace_period: 5s
                    failure_policy: restart
                    restart: {initial_delay: 0s, max_delay: 20s, reset_after: 2m, crash_loop_deaths: 3, crash_loop_window: 30s, crash_loop_action: teardown}
                    depends_on: [b]
                    readiness: {tcp: '[::1]:80', period: 10s, timeout: 1s, failure_threshold: 1}
                    liveness: {http: 'http://egress.health/', proxy: 'http://127.0.0.1:9099', period: 10s, timeout: 3s, failure_threshold: 3}
                  b:
                    command: [x]
                    stop_signal: SIGTERM
                    stop_grace_period: 5s
                    failure_policy: leave
                    depends_on: []
                    readiness:
                      exec: [test, -f, /tmp/1]
                      period: 500ms
                      timeout: 1s
                      failure_threshold: 2
                """);
    }

    @Test
    void theEffectiveGraceIsRendered() {
        // Given the bundle's grace is below the daemon's own, as a flag can make it
        Bundle file = BundleFixture.read("daemons: {a: {command: [x], stop_grace_period: 5s}}");
        Bundle bundle = file.toBuilder().stopGracePeriod(TimeSpan.of("2s")).build();

        // Then
        assertThat(BundleYaml.render(bundle))
                .contains("    stop_grace_period: 2s\n")
                .doesNotContain("5s");
    }

    @Test
    void aRenderedBundleRendersTheSameAgain() {
        // Given
        String once = BundleYaml.render(BundleFixture.read("""
                logs: {format: json, max_line: 1MiB, colour: escape}
                daemons:
                  z: {command: ["\\e\\x7f\\u2028 é😀", '012', " x ", '#', '- a', "%s"], user: '0:0', stop_signal: RTMIN+2}
                  0: {command: [x], environment: {1: "2", 'a b': c}, inherit_environment: [PATH, 'null', '5']}
                """));

        // Then
        assertThat(BundleYaml.render(BundleFixture.read(once))).isEqualTo(once);
        assertThat(BundleFixture.read(once).daemons().getFirst().command())
                .first()
                .isEqualTo("\u001b\u007f\u2028 é😀");
    }

    @Test
    void aRenderedBundleReadsBackAsTheSameBundle() {
        // Given each daemon has a grace and a policy of its own
        Bundle bundle = BundleFixture.read("""
                failure_policy: teardown
                stop_grace_period: 9s
                restart: {initial_delay: 1ms, max_delay: 2m, reset_after: 3s, crash_loop_deaths: 4, crash_loop_window: 5m, crash_loop_action: leave}
                notify: {url: "https://[::1]:8443/x%20y"}
                events: {output_lines: 7}
                logs: {format: json, max_line: 4097B, colour: strip}
                forward_hup: [12, a]
                daemons:
                  a:
                    command: [sleep, 1000]
                    inherit_environment: [PATH]
                    working_dir: /app
                    user: mitmproxy
                    stop_signal: INT
                    stop_grace_period: 5s
                    failure_policy: restart
                    restart: {crash_loop_deaths: 2}
                    depends_on: [null-1, 12]
                    readiness: {tcp: "[fe80::1]:80", period: 1ms, timeout: 2ms, failure_threshold: 999999999}
                    liveness: {exec: [sh, -c, "a\\nb", 012, '']}
                  null-1:
                    command: [x]
                    stop_grace_period: 9s
                    failure_policy: leave
                    liveness: {http: "http://a/b", proxy: "http://[::1]:3128"}
                  12: {command: [x], stop_grace_period: 0s, failure_policy: teardown, readiness: {http: "https://a"}}
                """);

        // Then
        assertThat(BundleFixture.read(BundleYaml.render(bundle))).isEqualTo(bundle);
    }

    @Test
    void namesOfDaemonsThatAreNotSelectedAreLeftOut() {
        // Given a bundle that names a daemon that is not selected
        Bundle all = BundleFixture.read("""
                forward_hup: [b, a]
                daemons: {a: {command: [x], depends_on: [b, c]}, b: {command: [x]}, c: {command: [x]}}
                """);
        Bundle selected =
                all.withDaemons(List.of(all.daemons().getFirst(), all.daemons().getLast()));

        // When
        String file = BundleYaml.render(selected);

        // Then it is a valid file
        assertThat(file).contains("\nforward_hup: [a]\n").contains("\n    depends_on: [c]\n");
        assertThat(BundleFixture.errorsIn(file)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://me:hunter2@h/x | http://***@h/x",
                "https://:hunter2@h:1/ | https://***@h:1/",
                "http://me:hunter2:hunter2@[::1]:80 | http://***@[::1]:80",
                "http://me:hunter%402$@h?a=hunter2 | http://***@h?***",
                "http://hunter2:@h/ | http://***@h/",
                "http://hunter2@h/ | http://***@h/",
                "http://h:80/a:b@c | http://h:80/a:b@c",
                "http://h/?a:hunter2@c | http://h/?***",
                "http://h/#hunter2 | http://h/",
            })
    void theUserAndTheQueryOfAUrlAreHidden(String url, String shown) {
        // Given the URL is in every place that takes one
        Bundle bundle =
                BundleFixture.read("notify: {url: '" + url + "'}\ndaemons: {a: {command: [x], readiness: {http: '" + url
                        + "'}, liveness: {http: 'http://h/', proxy: '" + url.replace("https", "http") + "'}}}");

        // When
        String file = BundleYaml.render(bundle);

        // Then
        assertThat(file)
                .doesNotContain("hunter")
                .contains("notify: {url: '" + shown + "'}")
                .contains("http: '" + shown + "'")
                .contains("proxy: '" + shown.replace("https", "http") + "'");
        assertThat(BundleFixture.read(file).notifyUrls()).map(Object::toString).containsExactly(shown);
    }

    @Test
    void severalUrlsAreAListWithoutTheirSecrets() {
        // Given
        Bundle bundle = BundleFixture.read(
                "notify: {urls: ['http://me:hunter2@a/', 'https://b/?hunter2']}\ndaemons: {a: {command: [x]}}");

        // When
        String file = BundleYaml.render(bundle);

        // Then
        assertThat(file).contains("notify:\n  urls: ['http://***@a/', 'https://b/?***']\n");
        assertThat(BundleFixture.read(file).notifyUrls())
                .map(URI::toString)
                .containsExactly("http://***@a/", "https://b/?***");
    }

    @Test
    void aLongCommandStaysOnItsLine() {
        String command = "command: [sh, -c, '" + "word ".repeat(100) + "']";

        assertThat(BundleYaml.render(BundleFixture.read("daemons: {a: {" + command + "}}")))
                .contains("\n    " + command + "\n");
    }
}
