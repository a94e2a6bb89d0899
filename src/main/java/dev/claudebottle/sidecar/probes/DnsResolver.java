package dev.claudebottle.sidecar.probes;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Looks up host names, on a few threads of its own, which end when they have nothing to do. The lookup is native code:
 * on a virtual thread it would keep one of the threads that carry them all, of which there are as few as processors,
 * and a name server that is silent would stop every other probe.
 */
final class DnsResolver {

    private static final int MOST = 4;
    private static final int PATIENCE_SECONDS = 5;

    private static final ThreadPoolExecutor LOOKUPS = new ThreadPoolExecutor(
            MOST,
            MOST,
            PATIENCE_SECONDS,
            SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("probe-lookup").factory());

    static {
        LOOKUPS.allowCoreThreadTimeOut(true);
    }

    private DnsResolver() {}

    /** The JDK keeps the result for a while: who looks it up again soon gets it at once. */
    static InetAddress find(String host) throws UnknownHostException, InterruptedException {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException aName) {
            return lookUp(host);
        }
    }

    private static InetAddress lookUp(String name) throws UnknownHostException, InterruptedException {
        Future<InetAddress> address = LOOKUPS.submit(() -> InetAddress.getByName(name));
        try {
            return address.get();
        } catch (ExecutionException _) {
            throw new UnknownHostException(name);
        } catch (InterruptedException abandoned) {
            address.cancel(false);
            throw abandoned;
        }
    }
}
