package dev.claudebottle.sidecar.http;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The one address that the web server binds to (decision 0025). A name never makes it listen on more than that. */
final class ListenAddress {

    private ListenAddress() {}

    /**
     * Looks a name up on this thread, which may take long.
     *
     * @throws IOException when the name has no address, or leaves a choice
     */
    static String of(String host) throws IOException {
        try {
            InetAddress.ofLiteral(host);
            return host;
        } catch (IllegalArgumentException aName) {
            return choose(Stream.of(InetAddress.getAllByName(host)).distinct().toList())
                    .getHostAddress();
        }
    }

    /**
     * Listens for a moment, as Netty would.
     *
     * @param address literal
     */
    static void tryOut(String address, int port) throws IOException {
        try (ServerSocketChannel channel = ServerSocketChannel.open()) {
            channel.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
        }
    }

    /** The IPv4 address where there is one, because engines forward published ports to that. */
    static InetAddress choose(List<InetAddress> all) throws IOException {
        List<InetAddress> ipv4 =
                all.stream().filter(Inet4Address.class::isInstance).toList();
        List<InetAddress> choices = ipv4.isEmpty() ? all : ipv4;
        if (choices.size() > 1) {
            throw new IOException(choices.stream()
                    .map(InetAddress::getHostAddress)
                    .collect(Collectors.joining(", ", "the name has the addresses ", "; expected a name with one")));
        }
        if (choices.getFirst().isAnyLocalAddress()) {
            throw new IOException("the name means all addresses");
        }
        return choices.getFirst();
    }
}
