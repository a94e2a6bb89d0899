package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::", "::1"})
    void anAddressIsTakenAsItIs(String address) throws Exception {
        assertThat(ListenAddress.of(address)).isEqualTo(address);
    }

    @Test
    void aNameIsLookedUp() throws Exception {
        assertThat(ListenAddress.of("localhost")).isIn("127.0.0.1", "0:0:0:0:0:0:0:1");
    }

    @Test
    void aNameWithoutAnAddressIsRefused() {
        assertThatThrownBy(() -> ListenAddress.of("no-such-host.invalid")).isInstanceOf(UnknownHostException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "172.19.0.2, 172.19.0.2",
        "fd00::2, fd00:0:0:0:0:0:0:2",
        "fd00::2 172.19.0.2, 172.19.0.2",
        "fd00::2 172.19.0.2 fd00::3, 172.19.0.2"
    })
    void ofANameTheOnlyIpv4AddressIsTakenElseTheOnlyIpv6Address(String addresses, String chosen) throws Exception {
        assertThat(ListenAddress.choose(parse(addresses)).getHostAddress()).isEqualTo(chosen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"172.18.0.2 172.19.0.2", "172.18.0.2 fd00::2 172.19.0.2", "fd00::2 fd00::3"})
    void aNameThatLeavesAChoiceIsRefused(String addresses) {
        assertThatThrownBy(() -> ListenAddress.choose(parse(addresses)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("the name has the addresses ")
                .hasMessageEndingWith("2, "
                        + addresses.substring(addresses.lastIndexOf(' ') + 1).replace("::", ":0:0:0:0:0:0:")
                        + "; expected a name with one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "0.0.0.0 fd00::2"})
    void aNameNeverMeansAllAddresses(String addresses) {
        assertThatThrownBy(() -> ListenAddress.choose(parse(addresses)))
                .isInstanceOf(IOException.class)
                .hasMessage("the name means all addresses");
    }

    private static List<InetAddress> parse(String addresses) {
        return Stream.of(addresses.split(" ")).map(InetAddress::ofLiteral).toList();
    }
}
