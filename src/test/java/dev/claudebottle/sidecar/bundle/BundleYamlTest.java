package dev.claudebottle.sidecar.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BundleYamlTest {

    @Test
    void theBuiltInBundleReadsLikeABundleFile() {
        assertThat(BundleYaml.render(BuiltInBundle.get())).startsWith("""
                failure_policy: leave
                stop_grace_period: 8s
                logs: {format: text}
                daemons:
                  egress:
                    command: [/bin/sh, /app/egress-entrypoint.sh]
                    stop_signal: SIGTERM
                    stop_grace_period: 8s
                    failure_policy: leave
                  pipelock:
                """);
    }

    @Test
    void everyKeyIsThereAndEveryValueOfTheEnvironmentIsHidden() {
        // Given
        Bundle bundle = Yaml.read("""
                failure_policy: teardown
                stop_grace_period: 5s
                daemons:
                  a:
                    command: [sleep, 1000, 'true', "", "two\\nlines", "~", 'a: b']
                    environment: {TOKEN: hunter2, EMPTY: ""}
                    inherit_environment: []
                    working_dir: /app
                    user: 1000
                    stop_signal: INT
                """);

        // Then
        assertThat(BundleYaml.render(bundle)).isEqualTo("""
                failure_policy: teardown
                stop_grace_period: 5s
                logs: {format: text}
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
                    failure_policy: teardown
                """);
    }

    @Test
    void theEffectiveGraceIsShown() {
        // Given a bundle's grace that a flag made shorter than the daemon's own
        Bundle file = Yaml.read("daemons: {a: {command: [x], stop_grace_period: 5s}}");
        Bundle bundle =
                new Bundle(file.failurePolicy(), TimeSpan.parse("2s").orElseThrow(), file.logFormat(), file.daemons());

        // Then
        assertThat(BundleYaml.render(bundle))
                .contains("    stop_grace_period: 2s\n")
                .doesNotContain("5s");
    }

    @Test
    void whatIsWrittenReadsBackTheSame() {
        // Given
        String once = BundleYaml.render(Yaml.read("""
                logs: {format: json}
                daemons:
                  z: {command: ["\\e\\x7f\\u2028 é😀", '012', " x ", '#', '- a', "%s"], user: '0:0', stop_signal: RTMIN+2}
                  0: {command: [x], environment: {1: "2", 'a b': c}, inherit_environment: [PATH, 'null', '5']}
                """));

        // Then
        assertThat(BundleYaml.render(Yaml.read(once))).isEqualTo(once);
        assertThat(Yaml.read(once).daemons().getFirst().command()).first().isEqualTo("\u001b\u007f\u2028 é😀");
    }

    @Test
    void aLongCommandStaysOnItsLine() {
        Bundle bundle = Yaml.read("daemons: {a: {command: [sh, -c, '" + "word ".repeat(100) + "']}}");

        assertThat(BundleYaml.render(bundle).lines()).hasSize(9);
    }
}
