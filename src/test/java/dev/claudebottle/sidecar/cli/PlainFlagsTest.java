package dev.claudebottle.sidecar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.config.Flags;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PlainFlagsTest {

    static Stream<Arguments> plain() {
        return Stream.of(
                Arguments.of(List.of(), Map.of()),
                Arguments.of(List.of("run"), Map.of()),
                Arguments.of(List.of("--config", "b.yaml"), Map.of(Flags.CONFIG, "b.yaml")),
                Arguments.of(List.of("run", "--grace", "2s"), Map.of(Flags.GRACE, "2s")),
                Arguments.of(List.of("--daemons", ""), Map.of(Flags.DAEMONS, "")),
                Arguments.of(List.of("--daemons", " a, b "), Map.of(Flags.DAEMONS, " a, b ")),
                Arguments.of(List.of("--config", "run"), Map.of(Flags.CONFIG, "run")),
                Arguments.of(List.of("--config", "\"quoted\""), Map.of(Flags.CONFIG, "\"quoted\"")),
                Arguments.of(List.of("--config=b.yaml"), Map.of(Flags.CONFIG, "b.yaml")),
                Arguments.of(List.of("run", "--config=b.yaml"), Map.of(Flags.CONFIG, "b.yaml")),
                Arguments.of(List.of("--config=a=b"), Map.of(Flags.CONFIG, "a=b")),
                Arguments.of(List.of("--daemons="), Map.of(Flags.DAEMONS, "")),
                Arguments.of(List.of("--config=@file"), Map.of(Flags.CONFIG, "@file")),
                Arguments.of(List.of("--config", "=x"), Map.of(Flags.CONFIG, "=x")),
                Arguments.of(List.of("--config=\"quoted\""), Map.of(Flags.CONFIG, "\"quoted\"")),
                Arguments.of(List.of("--config=run"), Map.of(Flags.CONFIG, "run")),
                Arguments.of(
                        List.of("--config=b.yaml", "run", "--grace", "2s"),
                        Map.of(Flags.CONFIG, "b.yaml", Flags.GRACE, "2s")),
                Arguments.of(List.of("--config", "a", "run", "--config=b"), Map.of(Flags.CONFIG, "b")),
                Arguments.of(List.of("--config", "a", "run"), Map.of(Flags.CONFIG, "a")),
                Arguments.of(
                        List.of("--log-format", "json", "--failure-policy", "restart"),
                        Map.of(Flags.LOG_FORMAT, "json", Flags.FAILURE_POLICY, "restart")));
    }

    @ParameterizedTest
    @MethodSource("plain")
    void readsTheFlagsOfRun(List<String> args, Map<String, String> values) {
        assertThat(PlainFlags.parse(args.toArray(String[]::new))).contains(Flags.of(values));
    }

    @ParameterizedTest
    @MethodSource("plain")
    void agreesWithPicocli(List<String> args, Map<String, String> values) {
        // Given
        SidecarInit top = new SidecarInit();
        // When
        CommandLine.ParseResult parsed = top.commandLine().parseArgs(args.toArray(String[]::new));
        // Then
        Flags flags = parsed.hasSubcommand()
                ? ((Run) parsed.subcommand().commandSpec().userObject()).flags()
                : top.flags();
        assertThat(flags).isEqualTo(Flags.of(values));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "--help",
                "--config",
                "--config -x",
                "--config --daemons",
                "--config @file",
                "@file",
                "--config a --config b",
                "--config=a --config=b",
                "--config=a run --grace=1s --grace 2s",
                "--config=-x",
                "--config=--config",
                "--confg=a",
                "-config=a",
                "--config=a status",
                "--config=a run run",
                "run run",
                "--unknown x",
                "run --config a --",
            })
    void leavesEverythingElseToPicocli(String args) {
        assertThat(PlainFlags.parse(args.split(" "))).isEqualTo(Optional.empty());
    }

    @Test
    void knowsEveryFlagOfRun() {
        assertThat(new CommandLine(new BundleOptions())
                        .getCommandSpec()
                        .optionsMap()
                        .keySet())
                .containsExactlyInAnyOrderElementsOf(Flags.NAMES);
    }
}
