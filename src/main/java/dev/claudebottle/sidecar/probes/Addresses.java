package dev.claudebottle.sidecar.probes;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The addresses of one host, which are tried in turn until one accepts the connection. Each gets an equal share of the time that is left,
 * so that one that does not respond leaves some for the others.
 *
 * @param timeout of all of them together
 * @param endedByCaller whether the caller ends an attempt that takes too long: then the last address has no timeout of its own
 */
public record Addresses(List<InetAddress> all, Duration timeout, boolean endedByCaller) {

    /** Makes a connection. */
    @FunctionalInterface
    public interface Connector<C> {

        /**
         * @param timeout in milliseconds; 0: none
         * @throws IOException when the address can't be connected to
         * @throws ConnectedException when something fails after that
         */
        C connect(InetAddress address, int timeout) throws IOException;
    }

    /** A failure after the connection was made: the host has answered, so no other address is tried. */
    static final class ConnectedException extends IOException {

        private final IOException failure;

        ConnectedException(IOException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    private static final String LOCALHOST = "localhost";

    public Addresses {
        all = all.stream().distinct().toList();
    }

    /** Looks a host up on this thread, which may take long. */
    public static Addresses of(String host, Duration timeout) throws UnknownHostException {
        Optional<List<InetAddress>> known = known(host);
        return new Addresses(known.isPresent() ? known.get() : List.of(InetAddress.getAllByName(host)), timeout, false);
    }

    /**
     * What needs no lookup: an address itself, and for localhost both loopback addresses (RFC 6761, section 6.3), one of which many an
     * /etc/hosts lacks. Empty for any other name.
     */
    static Optional<List<InetAddress>> known(String host) {
        if (host.equalsIgnoreCase(LOCALHOST)) {
            return Optional.of(List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1")));
        }
        try {
            return Optional.of(List.of(InetAddress.ofLiteral(host)));
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }

    /**
     * Returns the first connection that can be made.
     *
     * @throws IOException with the causes of all addresses when there is none; that of the system when it lacks what a connection needs
     */
    public <C> C connect(Connector<C> connector) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        Map<InetAddress, IOException> failures = new LinkedHashMap<>();
        for (InetAddress address : all) {
            int left = all.size() - failures.size();
            try {
                return connector.connect(address, left == 1 && endedByCaller ? 0 : share(deadline, left));
            } catch (ConnectedException answered) {
                throw answered.failure;
            } catch (IOException failure) {
                if (Shortage.of(failure).isPresent() || Thread.currentThread().isInterrupted()) {
                    throw failure;
                }
                failures.put(address, failure);
            }
        }
        throw together(failures);
    }

    /** In milliseconds, at least one: 0 would be for ever. */
    private static int share(long deadline, int addresses) {
        long millis = (deadline - System.nanoTime()) / addresses / 1_000_000;
        return (int) Math.clamp(millis, 1, Integer.MAX_VALUE);
    }

    /** One failure for all: {@code Connection refused} when each is that, else each with its address. */
    private static IOException together(Map<InetAddress, IOException> failures) {
        List<IOException> each = List.copyOf(failures.values());
        if (each.stream().map(FailureMessage::of).distinct().count() == 1) {
            return each.getLast();
        }
        String causes = failures.entrySet().stream()
                .map(failure -> failure.getKey().getHostAddress() + ": " + FailureMessage.of(failure.getValue()))
                .collect(Collectors.joining("; "));
        // its subclasses are about the other side
        boolean ours = each.stream().allMatch(failure -> failure.getClass() == SocketException.class);
        return ours ? new SocketException(causes) : new ConnectException(causes);
    }
}
