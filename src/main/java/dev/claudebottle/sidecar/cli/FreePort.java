package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.HttpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Looks for a port to serve on, for the demo: it is of little use without its pages. */
final class FreePort {

    private static final int BACKLOG = 1;
    private static final int TRIES = 100;

    private FreePort() {}

    /** The address itself if it can be served on, or else with the next port that can; itself if none can. */
    static HttpAddress from(HttpAddress wanted) {
        for (int port = wanted.port(); port < wanted.port() + TRIES && port <= HttpAddress.HIGHEST_PORT; port++) {
            if (isFree(wanted.host(), port)) {
                return new HttpAddress(wanted.host(), port);
            }
        }
        return wanted;
    }

    private static boolean isFree(String host, int port) {
        try (ServerSocket _ = new ServerSocket(port, BACKLOG, InetAddress.getByName(host))) {
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
