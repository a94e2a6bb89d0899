package dev.claudebottle.sidecar.bundle;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A check that is repeated while a daemon runs.
 *
 * @param period from one check to the next; readiness is checked more often while the daemon is not ready
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

    /** Whether so many failures in a row count as one verdict. */
    public boolean failsAfter(int failures) {
        return failures >= failureThreshold;
    }

    /** What is not set has its default, except the target. */
    public static Builder builder() {
        return new Builder();
    }

    public static final class Builder {

        private Target target;
        private Optional<URI> proxy = Optional.empty();
        private TimeSpan period = TimeSpan.of("10s");
        private TimeSpan timeout = TimeSpan.of("1s");
        private int failureThreshold = 1;

        private Builder() {}

        public Builder target(Target target) {
            this.target = target;
            return this;
        }

        /** For an HTTP target; no other has a proxy. */
        public Builder proxy(URI proxy) {
            this.proxy = Optional.of(proxy);
            return this;
        }

        public Builder period(TimeSpan period) {
            this.period = period;
            return this;
        }

        public Builder timeout(TimeSpan timeout) {
            this.timeout = timeout;
            return this;
        }

        public Builder failureThreshold(int failures) {
            failureThreshold = failures;
            return this;
        }

        public Probe build() {
            Target asked = target instanceof Target.Http http && proxy.isPresent()
                    ? new Target.Http(http.url(), proxy)
                    : target;
            return new Probe(asked, period, timeout, failureThreshold);
        }
    }
}
