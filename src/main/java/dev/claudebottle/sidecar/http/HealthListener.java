package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.config.HttpAddress;
import java.net.InetAddress;
import java.util.Set;

/**
 * What may be asked for over the health address (decision 0033). A connection belongs to it by the address of ours to which it leads, which the
 * kernel says, whichever server has accepted it.
 */
record HealthListener(InetAddress address, int port) {

    private static final Set<String> PATHS =
            Set.of("/q/health", "/q/health/live", "/q/health/ready", "/q/health/started", "/q/metrics");

    /** @param address without a name */
    static HealthListener of(HttpAddress address) {
        return new HealthListener(InetAddress.ofLiteral(address.host()), address.port());
    }

    /** @param ours this end of a connection: no name */
    boolean accepted(String ours, int ourPort) {
        return ourPort == port && (address.isAnyLocalAddress() || address.equals(InetAddress.ofLiteral(ours)));
    }

    /** Compares letter by letter, so that no other spelling reaches what the router would make of it. */
    static boolean serves(String target) {
        return PATHS.contains(target.split("\\?", 2)[0]);
    }
}
