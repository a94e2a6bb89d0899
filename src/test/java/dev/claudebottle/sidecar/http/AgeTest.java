package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgeTest {

    @ParameterizedTest
    @CsvSource({
        "-PT1H, 0 s",
        "PT0S, 0 s",
        "PT59.999S, 59 s",
        "PT60S, 1 m 0 s",
        "PT3M12S, 3 m 12 s",
        "PT59M59S, 59 m 59 s",
        "PT1H, 1 h 0 m",
        "PT23H59M59S, 23 h 59 m",
        "PT24H, 1 d 0 h",
        "PT9601H30M, 400 d 1 h"
    })
    void itIsTheTwoLargestUnits(Duration age, String text) {
        assertThat(Age.text(age)).isEqualTo(text);
    }
}
