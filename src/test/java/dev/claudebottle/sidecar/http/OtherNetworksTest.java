package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.http.OtherNetworks.Subnet;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtherNetworksTest {

    private static final List<Subnet> SUBNETS = List.of(
            subnet(1, "127.0.0.1", 8),
            subnet(2, "172.18.0.2", 16),
            subnet(3, "172.19.0.2", 16),
            subnet(3, "fd00:19::2", 64),
            subnet(4, "172.19.7.2", 24),
            subnet(5, "10.9.9.9", 9));

    @ParameterizedTest
    @CsvSource({
        "172.19.0.2, 172.19.0.1, false", // the engine forwards from there
        "172.19.0.2, 172.19.0.2, false", // we ourselves
        "172.19.0.2, 172.18.0.3, true", // the agent
        "172.19.0.2, 172.18.0.2, true",
        "172.18.0.2, 172.18.0.3, false",
        "172.19.0.2, 203.0.113.7, false", // over a router
        "172.19.0.2, 172.19.7.3, true", // the narrower network counts
        "172.19.7.2, 172.19.7.3, false",
        "172.19.0.2, 10.127.0.1, true",
        "172.19.0.2, 10.128.0.1, false",
        "fd00:19::2, fd00:19::1, false",
        "fd00:19::2, fd00:18::1, false"
    })
    void aClientInTheNetworkOfAnotherInterfaceComesOverAnother(String ours, String client, boolean other) {
        assertThat(OtherNetworks.include(SUBNETS, InetAddress.ofLiteral(ours), InetAddress.ofLiteral(client)))
                .isEqualTo(other);
    }

    private static Subnet subnet(int networkInterface, String address, int prefix) {
        return new Subnet(networkInterface, InetAddress.ofLiteral(address), prefix);
    }
}
