package dev.claudebottle.sidecar.bundle;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A question to a daemon, asked again and again.
 *
 * @param period from one asking to the next
 * @param timeout no answer by then is a failure
 * @param failureThreshold so many failures in a row count
 */
public record Probe(Target target, TimeSpan period, TimeSpan timeout, int failureThreshold) {

    /** What is asked. */
    public sealed interface Target {

        /** A connection that is accepted passes. */
        record Tcp(String host, int port) implements Target {}

        /**
         * An answer of 200 to 399 passes.
         *
         * @param proxy through which it is asked: the honest probe of a proxy
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
