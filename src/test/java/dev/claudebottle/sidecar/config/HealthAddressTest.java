package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealthAddressTest {

    private final ConfigErrors errors = new ConfigErrors();

    private Optional<HttpAddress> read(String text) {
        return HealthAddress.read(text, HttpAddress.DEFAULT, errors);
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0:9181, 0.0.0.0, 9181",
        "127.0.0.1:9181, 127.0.0.1, 9181",
        "[::]:9181, ::, 9181",
        "[::1]:9180, ::1, 9180",
        "[fe80::1%99]:9181, fe80::1%99, 9181",
        "localhost:1, localhost, 1",
        "bottle-guard-0.pods:65535, bottle-guard-0.pods, 65535",
    })
    void isAHostAndAPort(String text, String host, int port) {
        assertThat(read(text)).contains(new HttpAddress(host, port));
        assertThatNoException().isThrownBy(errors::throwIfAny);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9181",
                ":9181",
                "0.0.0.0",
                "0.0.0.0:",
                "0.0.0.0:0",
                "0.0.0.0:65536",
                "0.0.0.0:+9181",
                " 0.0.0.0:9181",
                "0.0.0.0:9181 ",
                "0.0.0.0:9181,[::]:9181",
                "::1:9181",
                ":::9181",
                "[::1]",
                "[::1::]:9181",
                "[127.0.0.1]:9181",
                "[localhost]:9181",
                "256.0.0.1:9181",
                "1.2.3.4.5:9181",
                "*:9181",
                "http://0.0.0.0:9181",
                "0.0.0.0:9181/q/health",
            })
    void everythingElseIsRefused(String text) {
        // When
        read(text);

        // Then
        assertThatThrownBy(errors::throwIfAny)
                .hasMessage("CLAUDE_BOTTLE_SIDECAR_HEALTH_ADDRESS: \"" + text + "\" is not an address; expected"
                        + " HOST:PORT with a port from 1 to 65535, as in 0.0.0.0:9181 or [::]:9181");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:9180, 127.0.0.1",
        "0.0.0.0:9180, 127.0.0.1",
        "[::]:9180, 127.0.0.1",
        "127.0.0.2:9180, 0.0.0.0",
        "127.0.0.2:9180, ::",
        "[0:0:0:0:0:0:0:1]:9180, ::1",
        "[::ffff:127.0.0.1]:9180, 127.0.0.1",
        "LocalHost:9180, localhost",
    })
    void thePortOfTheWebServerIsRefused(String text, String host) {
        // When
        HttpAddress main = new HttpAddress(host, 9180);
        HealthAddress.read(text, main, errors);

        // Then
        assertThatThrownBy(errors::throwIfAny)
                .hasMessage("CLAUDE_BOTTLE_SIDECAR_HEALTH_ADDRESS: \"" + text + "\" takes the port of " + main
                        + ", where /status is; expected another");
    }

    @Test
    void theSamePortOfAnotherAddressIsNot() {
        // When
        read("127.0.0.2:9180");
        read("localhost:9180");

        // Then
        assertThatNoException().isThrownBy(errors::throwIfAny);
    }
}
