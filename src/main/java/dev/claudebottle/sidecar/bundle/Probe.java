package dev.claudebottle.sidecar.bundle;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A check that is repeated while a daemon runs.
 *
 * @param period from one check to the next
 * @param timeout no answer by then is a failure
 * @param failureThreshold this many failures in a row count as one verdict
 */
public record Probe(Target target, TimeSpan period, TimeSpan timeout, int failureThreshold) {

    /** What is checked. */
    public sealed interface Target {

        /** A connection that is accepted passes. */
        record Tcp(String host, int port) implements Target {}

        /**
         * An answer of 200 to 399 passes.
         *
         * @param proxy carries the request; a request through a proxy is the best probe of that proxy
         */
        record Http(URI url, Optional<URI> proxy) implements Target {}

        /** A program that exits with 0 passes; it runs as the daemon does. */
        record Exec(List<String> command) implements Target {

            public Exec {
                command = List.copyOf(command);
            }
        }
    }
}
