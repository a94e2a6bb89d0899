package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.ByteSize;
import dev.claudebottle.sidecar.bundle.Colour;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid files. */
class BundleFileTest {

    @Test
    void aFileWithOneCommandTakesTheRestFromTheBuiltInBundle() {
        // When
        Bundle bundle = BundleFixture.read("daemons: {web: {command: [sleep, 1000]}}");

        // Then
        assertThat(bundle).isEqualTo(BuiltInBundle.get().withDaemons(List.of(Daemon.of("web", "sleep", "1000"))));
    }

    @Test
    void everyKeyIsRead() {
        // When
        Bundle bundle = BundleFixture.read("""
                failure_policy: teardown
                stop_grace_period: 9s
                restart: {crash_loop_deaths: 7}
                notify: {url: "http://127.0.0.1:1/x"}
                events: {output_lines: 3}
                logs: {format: json, max_line: 16KiB, colour: strip}
                forward_hup: [egress]
                daemons:
                  egress:
                    command: [/bin/sh, /app/egress-entrypoint.sh]
                    environment: {PYTHONUNBUFFERED: "1", A: b}
                    inherit_environment: [PATH, HOME]
                    working_dir: /app
                    user: mitmproxy
                    stop_signal: INT
                    stop_grace_period: 5s
                    failure_policy: restart
                    restart: {max_delay: 5s}
                    depends_on: [pipelock]
                    readiness: {tcp: "127.0.0.1:9099"}
                    liveness: {exec: [check]}
                  pipelock: {command: [x]}
                """);

        // Then
        Daemon egress = Daemon.builder("egress", "/bin/sh", "/app/egress-entrypoint.sh")
                .environment(Map.of("PYTHONUNBUFFERED", "1", "A", "b"))
                .inheritEnvironment(List.of("PATH", "HOME"))
                .workingDir("/app")
                .user("mitmproxy")
                .stopSignal(Signal.INT)
                .stopGracePeriod(TimeSpan.of("5s"))
                .failurePolicy(FailurePolicy.RESTART)
                .restart(RestartPolicy.builder()
                        .crashLoopDeaths(7)
                        .maxDelay(TimeSpan.of("5s"))
                        .build())
                .dependsOn(List.of("pipelock"))
                .readiness(probe(new Probe.Target.Tcp("127.0.0.1", 9099), 1))
                .liveness(probe(new Probe.Target.Exec(List.of("check")), 3))
                .build();
        assertThat(bundle)
                .isEqualTo(Bundle.builder()
                        .failurePolicy(FailurePolicy.TEARDOWN)
                        .stopGracePeriod(TimeSpan.of("9s"))
                        .restart(RestartPolicy.builder().crashLoopDeaths(7).build())
                        .notifyUrls(List.of(URI.create("http://127.0.0.1:1/x")))
                        .outputLines(3)
                        .logFormat(LogFormat.JSON)
                        .maxLine(ByteSize.parse("16KiB").orElseThrow())
                        .colour(Colour.STRIP)
                        .forwardHup(List.of("egress"))
                        .daemons(List.of(egress, Daemon.of("pipelock", "x")))
                        .build());
    }

    private static Probe probe(Probe.Target target, int failureThreshold) {
        return Probe.builder().target(target).failureThreshold(failureThreshold).build();
    }

    @ParameterizedTest
    @CsvSource({"leave,LEAVE", "restart,RESTART", "teardown,TEARDOWN"})
    void aFailurePolicyIsReadFromItsWord(String word, FailurePolicy policy) {
        assertThat(BundleFixture.read("failure_policy: " + word + "\ndaemons: {a: {command: [x]}}")
                        .failurePolicy())
                .isEqualTo(policy);
        assertThat(BundleFixture.daemon("command: [x]\nfailure_policy: " + word).failurePolicy())
                .contains(policy);
    }

    @Test
    void theOrderOfTheFileIsTheStartOrder() {
        // When
        Bundle bundle = BundleFixture.read("daemons: {z: {command: [a]}, a: {command: [a]}, 9-m: {command: [a]}}");

        // Then
        assertThat(bundle.daemons()).extracting(Daemon::name).containsExactly("z", "a", "9-m");
    }

    @Test
    void scalarsOfACommandAreTakenAsWritten() {
        // When
        Daemon daemon = BundleFixture.daemon(
                "command: [sleep, 1000, 012, true, 1.0, 0x1F, 1e3, yes, .inf, 2026-11-22, '', 'null', \"~\"]");

        // Then
        assertThat(daemon.command())
                .containsExactly(
                        "sleep",
                        "1000",
                        "012",
                        "true",
                        "1.0",
                        "0x1F",
                        "1e3",
                        "yes",
                        ".inf",
                        "2026-11-22",
                        "",
                        "null",
                        "~");
    }

    @Test
    void scalarsOfAnEnvironmentAreTakenAsWrittenAndKeepTheirOrder() {
        // When
        Daemon daemon = BundleFixture.daemon(
                "command: [x]\nenvironment: {Z: 012, B: false, A: 1.10, E: '', 1: one, S: !!str null}");

        // Then
        assertThat(daemon.environment())
                .containsExactly(
                        Map.entry("Z", "012"),
                        Map.entry("B", "false"),
                        Map.entry("A", "1.10"),
                        Map.entry("E", ""),
                        Map.entry("1", "one"),
                        Map.entry("S", "null"));
    }

    @Test
    void aDollarIsLiteral() {
        // When
        Daemon daemon = BundleFixture.daemon("command: [echo, $HOME, \"${HOME:-x}\", $$]\nenvironment: {A: $HOME}");

        // Then
        assertThat(daemon.command()).containsExactly("echo", "$HOME", "${HOME:-x}", "$$");
        assertThat(daemon.environment()).containsEntry("A", "$HOME");
    }

    @Test
    void textWithSeveralLinesAndScriptsIsReadUnchanged() {
        // When
        Daemon daemon = BundleFixture.daemon("command:\n- sh\n- -c\n- |\n  echo 'é😀'\n  exit 1\n");

        // Then
        assertThat(daemon.command()).containsExactly("sh", "-c", "echo 'é😀'\nexit 1\n");
    }

    @Test
    void anEmptyListOfInheritedVariablesIsNotTheDefault() {
        assertThat(BundleFixture.daemon("command: [x]\ninherit_environment: []").inheritEnvironment())
                .contains(List.of());
        assertThat(BundleFixture.daemon("command: [x]").inheritEnvironment()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mitmproxy", "_apt", "0", "1000", "1000:1000", "4294967294", "svc$", "first.last"})
    void aUserIsANameOrIds(String user) {
        assertThat(BundleFixture.daemon("command: [x]\nuser: " + user).user()).contains(user);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIGKILL", "STOP", "SIGUSR1"})
    void anySignalCanBeTheStopSignal(String signal) {
        assertThat(BundleFixture.daemon("command: [x]\nstop_signal: " + signal).stopSignal())
                .isEqualTo(Signal.parse(signal).get());
    }

    @ParameterizedTest
    @CsvSource({"64B,64", "4MiB,4194304"})
    void theBoundsOfALinesSizeAreSizesOfALine(String size, int bytes) {
        assertThat(BundleFixture.read("logs: {max_line: " + size + "}\ndaemons: {a: {command: [x]}}")
                        .logs()
                        .maxLine()
                        .bytes())
                .isEqualTo(bytes);
    }

    @Test
    void aDaemonsGraceMayEqualTheBundles() {
        assertThat(BundleFixture.errorsInDaemon("stop_grace_period: 8000ms")).isEmpty();
        assertThat(BundleFixture.errorsIn(
                        "stop_grace_period: 20s\ndaemons: {a: {command: [x], stop_grace_period: 20s}}"))
                .isEmpty();
    }

    @Test
    void anAliasHasTheValueOfItsAnchor() {
        // When
        Bundle bundle = BundleFixture.read("""
                daemons:
                  a: {command: &same [sleep, 9], stop_grace_period: &grace 3s}
                  b: {command: *same, stop_grace_period: *grace}
                """);

        // Then
        assertThat(bundle.daemons().getLast().command()).containsExactly("sleep", "9");
        assertThat(bundle.daemons().getLast().stopGracePeriod()).isEqualTo(TimeSpan.parse("3s"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\uFEFFdaemons: {a: {command: [x]}}",
                "---\ndaemons: {a: {command: [x]}}\n...\n",
                "daemons:\r\n  a:\r\n    command: [x]\r\n",
                "# hello\n\ndaemons: {a: {command: [x]}} # bye",
                "{\"daemons\": {\"a\": {\"command\": [\"x\"]}}}"
            })
    void theUsualFormsOfYamlAreRead(String file) {
        assertThat(BundleFixture.read(file).daemons()).containsExactly(Daemon.of("a", "x"));
    }
}
