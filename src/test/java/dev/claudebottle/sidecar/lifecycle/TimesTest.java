package dev.claudebottle.sidecar.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Late timers, and times as text. */
class TimesTest {

    private static final long NOON = Duration.ofHours(12).toNanos();

    @ParameterizedTest
    @CsvSource({"0,false", "500,false", "501,true", "-10,false"})
    void aTimerShowsAPauseWhenItIsMoreThanHalfASecondLate(long millisLate, boolean pause) {
        // Given monotonic times, which may overflow
        long late = Duration.ofMillis(millisLate).toNanos();

        // Then
        assertThat(Pause.isShownBy(NOON, NOON + late)).isEqualTo(pause);
        assertThat(Pause.isShownBy(Long.MAX_VALUE, Long.MAX_VALUE + late)).isEqualTo(pause);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-22T15:00:00.373999999Z,2026-11-22T15:00:00.373Z",
        "2026-11-22T15:00:00Z,2026-11-22T15:00:00.000Z",
        "0999-01-02T03:04:05.006Z,0999-01-02T03:04:05.006Z"
    })
    void aTimeIsInUtcWithExactlyThreeDecimals(Instant time, String text) {
        assertThat(UtcTime.format(time)).isEqualTo(text);
    }
}
