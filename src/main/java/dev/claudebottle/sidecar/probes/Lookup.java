package dev.claudebottle.sidecar.probes;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds a host's addresses for a check, which runs on a virtual thread. */
@FunctionalInterface
interface Lookup {

    /** At least one address, in the order in which they are to be tried. */
    List<InetAddress> addresses(String host) throws UnknownHostException, InterruptedException;
}
