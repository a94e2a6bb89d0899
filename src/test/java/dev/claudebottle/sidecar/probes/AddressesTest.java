package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AddressesTest {

    private static final InetAddress ONE = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress TWO = InetAddress.ofLiteral("2001:db8::2");
    private static final InetAddress THREE = InetAddress.ofLiteral("192.0.2.3");

    private final List<InetAddress> tried = new ArrayList<>();
    private final List<Integer> timeouts = new ArrayList<>();

    @Test
    void localhostIsBothLoopbackAddressesWhateverTheHostsFileSays() throws Exception {
        assertThat(Addresses.of("localhost", Duration.ofSeconds(1)).all())
                .containsExactly(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
        assertThat(Addresses.known("LocalHost")).isPresent();
        assertThat(Addresses.known("localhost.example")).isEmpty();
    }

    @Test
    void anAddressIsItself() throws Exception {
        for (String literal : List.of("192.0.2.3", "2001:db8::2", "[2001:db8::2]")) {
            assertThat(Addresses.of(literal, Duration.ofSeconds(1)).all())
                    .hasSize(1)
                    .containsAnyOf(TWO, THREE);
        }
    }

    @Test
    void theNextOneIsTriedUntilOneAccepts() throws Exception {
        assertThat(connect(Map.of(ONE, new ConnectException("Connection refused"))))
                .isEqualTo(TWO);
        assertThat(tried).containsExactly(ONE, TWO);
    }

    @Test
    void eachIsTriedOnce() throws Exception {
        // When
        InetAddress accepted = new Addresses(List.of(ONE, ONE, TWO), Duration.ofSeconds(1), false)
                .connect(connector(Map.of(ONE, new ConnectException("Connection refused"))));

        // Then
        assertThat(accepted).isEqualTo(TWO);
        assertThat(tried).containsExactly(ONE, TWO);
    }

    @Test
    void theTimeThatIsLeftIsSharedAmongThoseThatAreLeft() throws Exception {
        // When: two that fail at once
        connect(Map.of(ONE, new ConnectException("Connection refused"), TWO, new SocketTimeoutException("timed out")));

        // Then: a third, and half of nearly all; the last has all that is left
        assertThat(timeouts.get(0)).isBetween(1, 20_000);
        assertThat(timeouts.get(1)).isBetween(timeouts.get(0), 30_000);
        assertThat(timeouts.get(2)).isBetween(timeouts.get(1), 60_000);
    }

    @Test
    void theLastHasNoTimeoutIfTheCallerEndsIt() throws Exception {
        // When
        new Addresses(List.of(ONE, TWO), Duration.ofMinutes(1), true)
                .connect(connector(Map.of(ONE, new ConnectException("Connection refused"))));
        new Addresses(List.of(ONE), Duration.ofMinutes(1), true).connect(connector(Map.of()));

        // Then
        assertThat(timeouts.get(0)).isPositive();
        assertThat(timeouts.subList(1, 3)).containsExactly(0, 0);
    }

    @Test
    void aTimeoutIsNeverForEver() throws Exception {
        new Addresses(List.of(ONE), Duration.ZERO, false).connect(connector(Map.of()));
        assertThat(timeouts).containsExactly(1);
    }

    @Test
    void oneCauseOfAllIsGivenOnce() {
        IOException refused = new ConnectException("Connection refused");
        assertThatThrownBy(() -> connect(Map.of(ONE, refused, TWO, refused, THREE, refused)))
                .isSameAs(refused);
    }

    @Test
    void differentCausesAreGivenWithTheirAddresses() {
        assertThatThrownBy(() -> connect(Map.of(
                        ONE,
                        new ConnectException("Connection refused"),
                        TWO,
                        new SocketException("Network is unreachable"),
                        THREE,
                        new NoRouteToHostException("No route to host"))))
                .isInstanceOf(ConnectException.class)
                .hasMessage("192.0.2.1: Connection refused; 2001:db8:0:0:0:0:0:2: Network is unreachable; "
                        + "192.0.2.3: No route to host");
    }

    @Test
    void whatThisMachineLacksEndsTheAttempt() {
        IOException shortage = new SocketException("Too many open files");
        assertThatThrownBy(() -> connect(Map.of(ONE, shortage))).isSameAs(shortage);
        assertThat(tried).containsExactly(ONE);
    }

    @Test
    void afterAConnectionNoOtherIsTried() {
        IOException reset = new SocketException("Connection reset");
        assertThatThrownBy(() -> connect(Map.of(ONE, new Addresses.ConnectedException(reset))))
                .isSameAs(reset);
        assertThat(tried).containsExactly(ONE);
    }

    private InetAddress connect(Map<InetAddress, IOException> failures) throws IOException {
        return new Addresses(List.of(ONE, TWO, THREE), Duration.ofMinutes(1), false).connect(connector(failures));
    }

    private Addresses.Connector<InetAddress> connector(Map<InetAddress, IOException> failures) {
        return (address, timeout) -> {
            tried.add(address);
            timeouts.add(timeout);
            if (failures.containsKey(address)) {
                throw failures.get(address);
            }
            return address;
        };
    }
}
