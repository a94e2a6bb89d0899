package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarTypeTest {

    @ParameterizedTest
    @CsvSource({"500ms,500", "8s,8000", "2m,120000", "0s,0", "08s,8000"})
    void aDurationIsAWholeNumberAndAUnit(String text, long millis) {
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
}
