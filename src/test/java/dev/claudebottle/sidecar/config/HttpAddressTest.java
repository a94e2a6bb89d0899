package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpAddressTest {

    @Test
    void byDefaultItIsOnLoopback() {
        assertThat(HttpAddress.read(Map.of())).isEqualTo(new HttpAddress("127.0.0.1", 9180));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9181, 65535})
    void itComesFromItsVariables(int port) {
        Map<String, String> environment =
                Map.of("QUARKUS_HTTP_HOST", "0.0.0.0", "QUARKUS_HTTP_PORT", Integer.toString(port));

        assertThat(HttpAddress.read(environment))
                .isEqualTo(new HttpAddress("0.0.0.0", port))
                .hasToString("0.0.0.0:" + port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "-1", "80a", " 80", "99999999999"})
    void aPortIsFrom1To65535(String port) {
        assertThatThrownBy(() -> HttpAddress.read(Map.of("QUARKUS_HTTP_PORT", port)))
                .isInstanceOf(InvalidBundleException.class)
                .hasMessage("QUARKUS_HTTP_PORT: \"" + port + "\" is not a port; expected a number from 1 to 65535");
    }

    @Test
    void anIpv6AddressIsShownInBrackets() {
        assertThat(new HttpAddress("::1", 9180)).hasToString("[::1]:9180");
    }

    @Test
    void itsUrlOnThisMachineNamesLoopbackInPlaceOfAllAddresses() {
        assertThat(new HttpAddress("0.0.0.0", 80).url()).isEqualTo("http://127.0.0.1:80");
        assertThat(new HttpAddress("::", 80).url()).isEqualTo("http://[::1]:80");
        assertThat(new HttpAddress("10.0.0.1", 80).url()).isEqualTo("http://10.0.0.1:80");
    }
}
