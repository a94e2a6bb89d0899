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

    /** Null: there is none. */
    private static volatile HealthListener current;

    /** @param address without a name; null: there is none */
    static void set(HttpAddress address) {
        current = address == null ? null : new HealthListener(InetAddress.ofLiteral(address.host()), address.port());
    }

    /**
     * Whether a connection is one to the health address.
     *
     * @param ours this end of it: no name
     */
    static boolean accepted(String ours, int ourPort) {
        HealthListener listener = current;
        return listener != null && listener.covers(ours, ourPort);
    }

    private boolean covers(String ours, int ourPort) {
        return ourPort == port && (address.isAnyLocalAddress() || address.equals(InetAddress.ofLiteral(ours)));
    }

    /** Compares letter by letter, so that no other spelling reaches what the router would make of it. */
    static boolean serves(String target) {
        return PATHS.contains(target.split("\\?", 2)[0]);
    }
}
