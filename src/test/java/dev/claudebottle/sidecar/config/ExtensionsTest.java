package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that begin with {@code x-}. */
class ExtensionsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "text", "~", "[1, {a: b}]", "{command: [], user: ''}", "!any {a: !other b}", "2026-11-22"})
    void aKeyThatBeginsWithXIsIgnoredInEveryMapWhateverItsValue(String value) {
        // Given
        String x = "x-any: " + value;
        String file = """
                restart: {max_delay: 40s, X}
                notify: {X}
                events: {X, output_lines: 3}
                logs: {X}
                X
                daemons:
                  X
                  a:
                    X
                    command: [x]
                    restart: {X}
                    readiness: {tcp: "a:1", X}
                """;

        // Then
        assertThat(BundleFixture.read(file.replace("X", x))).isEqualTo(BundleFixture.read(file.replace("X", "x-: 1")));
        assertThat(BundleFixture.read(file.replace("X", x)).daemons()).hasSize(1);
    }

    @Test
    void itsValueMayNestUpToFiftyLevels() {
        // Given
        String deepest = "x-any: " + "[".repeat(49) + "]".repeat(49) + "\ndaemons: {a: {command: [x]}}";

        // When / Then
        assertThat(BundleFixture.read(deepest).daemons()).containsExactly(Daemon.of("a", "x"));
        assertThat(BundleFixture.errorsIn(deepest.replace("[]", "[[]]")))
                .containsExactly("b.yaml:1: bundle: nested more than 50 levels deep; expected a bundle");
    }

    @Test
    void theValuesOfAnchorsUnderSuchAKeyAreUsedElsewhere() {
        // When
        Bundle bundle = BundleFixture.read("""
                x-common:
                  environment: &environment {A: b}
                  probe: &probe {tcp: "127.0.0.1:1", period: 2s}
                  restart: &restart {crash_loop_deaths: 2}
                daemons:
                  a: {command: [x], environment: *environment, readiness: *probe, restart: *restart}
                """);

        // Then
        Daemon daemon = bundle.daemons().getFirst();
        assertThat(daemon.environment()).isEqualTo(Map.of("A", "b"));
        assertThat(daemon.readiness().orElseThrow().period().text()).isEqualTo("2s");
        assertThat(bundle.restartOf(daemon).crashLoopDeaths()).isEqualTo(2);
    }

    @Test
    void aMistakeInAnAnchoredValueIsReportedWithItsOwnLineAndTheKeyThatUsesIt() {
        assertThat(BundleFixture.errorsIn("""
                x-probe: &probe
                  tcp: nowhere
                daemons:
                  a: {command: [x], readiness: *probe}
                """))
                .containsExactly("b.yaml:2: daemons.a.readiness.tcp: not an address; expected \"HOST:PORT\" with a port"
                        + " from 1 to 65535");
    }

    @Test
    void noDaemonsNameBeginsWithX() {
        assertThat(BundleFixture.errorsIn("daemons: {x-a: {command: [x]}}"))
                .containsExactly("b.yaml:1: daemons: nothing but keys that begin with x-, which are ignored; expected a"
                        + " map of at least one daemon");
    }

    @Test
    void aVariablesNameMayBeginWithX() {
        assertThat(BundleFixture.daemon("command: [x]\nenvironment: {x-a: b}").environment())
                .isEqualTo(Map.of("x-a", "b"));
    }

    @Test
    void suchAKeyGivenTwiceIsAMistakeAsAnyOther() {
        assertThat(BundleFixture.errorsIn("x-a: 1\nx-a: 2\ndaemons: {a: {command: [x]}}"))
                .containsExactly("b.yaml:2: x-a: given twice, first on line 1; expected each name once");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  a: {<<: *common, command: [x]} | daemons.a",
                "  <<: *common\n  a: {command: [x]} | daemons",
                "  a: {command: [x], environment: {<<: *common}} | daemons.a.environment",
                "  a: {command: [x], readiness: {<<: [*common], tcp: \"a:1\"}} | daemons.a.readiness",
            })
    void mergingIsRefusedByName(String daemonsAndKey) {
        // Given
        String[] parts = daemonsAndKey.split(" \\| ");

        // Then
        assertThat(BundleFixture.errorsIn("x-common: &common {user: me}\ndaemons:\n" + parts[0]))
                .containsExactly("b.yaml:3: " + parts[1]
                        + ": key: merging by << is not supported; expected the keys themselves");
    }
}
