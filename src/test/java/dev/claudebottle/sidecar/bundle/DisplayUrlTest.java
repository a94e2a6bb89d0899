package dev.claudebottle.sidecar.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisplayUrlTest {

    @ParameterizedTest
    @CsvSource({
        "http://h,http://h",
        "https://h:8443/a%20b,https://h:8443/a%20b",
        "http://[::1]:80/,http://[::1]:80/",
        "http://me:secret@h/,http://***@h/",
        "http://secret@h/,http://***@h/",
        "http://@h/,http://***@h/",
        "http://h/a?secret=secret#secret,http://h/a?***",
        "http://secret:secret@[::1]?secret,http://***@[::1]?***",
    })
    void theUserAndTheQueryAreHidden(String url, String shown) {
        assertThat(DisplayUrl.of(URI.create(url))).isEqualTo(shown);
    }
}
