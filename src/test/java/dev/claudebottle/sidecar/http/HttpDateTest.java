package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpDateTest {

    @ParameterizedTest
    @CsvSource({
        "1994-11-06T08:49:37Z, 'Sun, 06 Nov 1994 08:49:37 GMT'",
        "2026-12-31T23:59:59.999Z, 'Thu, 31 Dec 2026 23:59:59 GMT'",
    })
    void isInTheFormOfHttp(Instant time, String date) {
        assertThat(HttpDate.format(time)).isEqualTo(date);
    }
}
