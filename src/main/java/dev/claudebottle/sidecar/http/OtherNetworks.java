package dev.claudebottle.sidecar.http;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the clients that come over another network than that of the address to which they connect (decision 0025). Linux accepts packets for each of
 * its addresses on every interface, so the agent, without any privilege, can connect over its network to our address on another.
 */
final class OtherNetworks {

    /** An address of an interface, and how many of its bits are those of its network. */
    record Subnet(int networkInterface, InetAddress address, int prefix) {

        boolean contains(InetAddress other) {
            byte[] ours = address.getAddress();
            byte[] theirs = other.getAddress();
            if (ours.length != theirs.length) {
                return false;
            }
            for (int bit = 0; bit < prefix; bit++) {
                if (((ours[bit / 8] ^ theirs[bit / 8]) & 0x80 >> bit % 8) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private OtherNetworks() {}

    /** Networks may come and go, so they are looked up for each client. A server on loopback never does. */
    static boolean include(Channel connection) {
        InetAddress ours = address(connection.localAddress());
        InetAddress client = address(connection.remoteAddress());
        if (ours.isLoopbackAddress()) {
            return false;
        }
        try {
            return include(subnets(), ours, client);
        } catch (SocketException unknown) {
            return true;
        }
    }

    /** A client in no network of ours comes over a router, and its answers leave over the default route. */
    static boolean include(List<Subnet> subnets, InetAddress ours, InetAddress client) {
        return subnets.stream()
                .filter(subnet -> subnet.contains(client))
                .max(Comparator.comparingInt(Subnet::prefix))
                .filter(nearest -> subnets.stream()
                        .noneMatch(subnet -> subnet.networkInterface() == nearest.networkInterface()
                                && subnet.address().equals(ours)))
                .isPresent();
    }

    private static InetAddress address(Object socket) {
        return ((InetSocketAddress) socket).getAddress();
    }

    private static List<Subnet> subnets() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(each -> each.getInterfaceAddresses().stream()
                        .map(address ->
                                new Subnet(each.getIndex(), address.getAddress(), address.getNetworkPrefixLength())))
                .toList();
    }
}
