package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of the configuration: durations, signals, policies, formats. */
class WordsTest {

    @ParameterizedTest
    @CsvSource({"500ms,500", "8s,8000", "2m,120000", "0s,0", "08s,8000"})
    void aDurationIsAWholeNumberAndItsUnit(String text, long millis) {
        TimeSpan span = ScalarType.DURATION.parse().apply(text).orElseThrow();

        assertThat(span.duration()).isEqualTo(Duration.ofMillis(millis));
        assertThat(span.text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "8", "8 s", " 8s", "1.5s", "-1s", "8S", "8h", "1m30s", "s", "٨s", "9999999999s", "999999999m"
            })
    void anythingElseIsNoDuration(String text) {
        assertThat(ScalarType.DURATION.parse().apply(text)).isEmpty();
    }

    @Test
    void everyDurationFitsACountOfNanoseconds() {
        // Given the longest that is accepted
        TimeSpan span = ScalarType.DURATION.parse().apply("52560000m").orElseThrow();

        // Then nothing that counts with it can overflow
        assertThat(span.duration().toNanos()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0ms", "0s", "0m"})
    void aPeriodIsAboveZero(String text) {
        assertThat(ScalarType.DURATION_ABOVE_ZERO.parse().apply(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"SIGTERM,15", "TERM,15", "SIGKILL,9", "QUIT,3", "SIGRTMIN+3,37"})
    void aSignalIsItsNameWithOrWithoutSig(String name, int number) {
        assertThat(Signal.parse(name)).contains(new Signal(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "15", "SIG", "term", "SIGSIGTERM", "SIG32", "TERMINATE"})
    void anythingElseIsNoSignal(String name) {
        assertThat(Signal.parse(name)).isEmpty();
    }

    @Test
    void aDaemonsGraceIsAtMostTheBundles() {
        // Given a bundle whose grace a flag made shorter than its daemon's own
        TimeSpan own = TimeSpan.parse("5s").orElseThrow();
        TimeSpan bundles = TimeSpan.parse("2s").orElseThrow();

        // Then the shorter one counts
        assertThat(own.atMost(bundles)).isEqualTo(bundles);
        assertThat(bundles.atMost(own)).isEqualTo(bundles);
    }
}
