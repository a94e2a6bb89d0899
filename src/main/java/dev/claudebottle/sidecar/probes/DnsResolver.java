package dev.claudebottle.sidecar.probes;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Looks up host names on a few platform threads, which end when idle. The lookup is native code and would pin a virtual
 * thread to its carrier. There are only as many carriers as processors, so a silent name server would stop all probes.
 */
final class DnsResolver {

    private static final int THREADS = 4;
    private static final int KEEP_ALIVE_SECONDS = 5;

    private static final ThreadPoolExecutor LOOKUPS = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            KEEP_ALIVE_SECONDS,
            SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("probe-lookup").factory());

    static {
        LOOKUPS.allowCoreThreadTimeOut(true);
    }

    private DnsResolver() {}

    /** Returns all addresses. The JDK caches them for 30 seconds, so the next lookup of the same name is immediate. */
    static List<InetAddress> resolve(String host) throws UnknownHostException, InterruptedException {
        Optional<List<InetAddress>> known = Addresses.known(host);
        return known.isPresent() ? known.get() : lookUp(host);
    }

    private static List<InetAddress> lookUp(String name) throws UnknownHostException, InterruptedException {
        Future<List<InetAddress>> addresses = LOOKUPS.submit(() -> List.of(InetAddress.getAllByName(name)));
        try {
            return addresses.get();
        } catch (ExecutionException _) {
            throw new UnknownHostException(name);
        } catch (InterruptedException interrupted) {
            addresses.cancel(false);
            throw interrupted;
        }
    }
}
