package dev.claudebottle.sidecar.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecondsTest {

    @ParameterizedTest(name = "{0} ms: {1}")
    @CsvSource({
        "0, 0.00 s",
        "4, 0.00 s",
        "5, 0.01 s",
        "520, 0.52 s",
        "994, 0.99 s",
        "1000, 1.0 s",
        "1049, 1.0 s",
        "1050, 1.1 s",
        "12345, 12.3 s",
        "33000, 33.0 s",
        "3600000, 3600.0 s"
    })
    void haveOneDecimalAndTwoBelowOneSecond(long millis, String text) {
        assertThat(Seconds.text(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "499999, 0.0",
        "500000, 0.001",
        "42000000, 0.042",
        "1800000000, 1.8",
        "12345678901, 12.346",
        "60000000000, 60.0",
        "20000000000000000, 20000000.0",
    })
    void haveInJsonOneToThreeDecimalsAndNoExponent(long nanos, String number) {
        assertThat(Seconds.of(nanos)).hasToString(number);
    }

    @Test
    void haveTheSameFormWhenTheyWereReadFromJson() {
        assertThat(Stream.<Number>of(60, 2.0E7, 0.042).map(Seconds::of))
                .extracting(BigDecimal::toString)
                .containsExactly("60.0", "20000000.0", "0.042");
    }
}
