package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecondsTest {

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
    void haveOneToThreeDecimalsAndNoExponent(long nanos, String number) {
        assertThat(Seconds.of(nanos)).hasToString(number);
    }
}
