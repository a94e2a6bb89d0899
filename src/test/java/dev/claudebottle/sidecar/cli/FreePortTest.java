package dev.claudebottle.sidecar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.config.HttpAddress;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class FreePortTest {

    @Test
    void aPortThatIsFreeStays() throws Exception {
        // Given
        HttpAddress address;
        try (ServerSocket before = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = new HttpAddress("127.0.0.1", before.getLocalPort());
        }

        // Then
        assertThat(FreePort.from(address)).isEqualTo(address);
    }

    @Test
    void insteadOfAPortThatIsTakenANextOneIs() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // When
            HttpAddress other = FreePort.from(new HttpAddress("127.0.0.1", taken.getLocalPort()));

            // Then
            assertThat(other.host()).isEqualTo("127.0.0.1");
            assertThat(other.port()).isGreaterThan(taken.getLocalPort());
        }
    }

    @Test
    void anAddressThatIsNotOursStays() {
        HttpAddress elsewhere = new HttpAddress("192.0.2.1", 9180);
        assertThat(FreePort.from(elsewhere)).isEqualTo(elsewhere);
    }
}
