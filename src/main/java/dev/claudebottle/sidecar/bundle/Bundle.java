package dev.claudebottle.sidecar.bundle;

import java.net.URI;
import java.util.List;

/**
 * The daemons of one container, and the rules for them.
 *
 * @param failurePolicy for daemons without their own
 * @param stopGracePeriod from the stop request to SIGKILL for what is left
 * @param restart how {@link FailurePolicy#RESTART} works for daemons without rules of their own
 * @param notifyUrls where events are POSTed, each event to all of them
 * @param outputLines how many of the last lines of output go into an exit's event
 * @param logs how output goes to stdout
 * @param forwardHup names of the daemons that get our SIGHUP
 * @param daemons in start order; only those that are selected
 * @param identity who it is; no bundle file says that
 */
public record Bundle(
        FailurePolicy failurePolicy,
        TimeSpan stopGracePeriod,
        RestartPolicy restart,
        List<URI> notifyUrls,
        int outputLines,
        Logs logs,
        List<String> forwardHup,
        List<Daemon> daemons,
        Identity identity) {

    public Bundle {
        notifyUrls = List.copyOf(notifyUrls);
        forwardHup = List.copyOf(forwardHup);
        daemons = List.copyOf(daemons);
    }

    /** Its rules are the built-in ones until they are set; it has no daemons. */
    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.failurePolicy = failurePolicy;
        builder.stopGracePeriod = stopGracePeriod;
        builder.restart = restart;
        builder.notifyUrls = notifyUrls;
        builder.outputLines = outputLines;
        builder.logs = logs;
        builder.forwardHup = forwardHup;
        builder.daemons = daemons;
        builder.identity = identity;
        return builder;
    }

    public FailurePolicy failurePolicyOf(Daemon daemon) {
        return daemon.failurePolicy().orElse(failurePolicy);
    }

    public RestartPolicy restartOf(Daemon daemon) {
        return daemon.restart().orElse(restart);
    }

    /** The daemon's own grace, never above the bundle's. */
    public TimeSpan stopGracePeriodOf(Daemon daemon) {
        return daemon.stopGracePeriod().map(own -> own.atMost(stopGracePeriod)).orElse(stopGracePeriod);
    }

    /** The same rules for other daemons. */
    public Bundle withDaemons(List<Daemon> others) {
        return toBuilder().daemons(others).build();
    }

    /** The same, without notifications. */
    public Bundle withoutNotify() {
        return toBuilder().notifyUrls(List.of()).build();
    }

    public static final class Builder {

        private FailurePolicy failurePolicy = FailurePolicy.LEAVE;

        /** Below the ten seconds after which container engines kill. */
        private TimeSpan stopGracePeriod = TimeSpan.of("8s");

        private RestartPolicy restart = RestartPolicy.builder().build();
        private List<URI> notifyUrls = List.of();
        private int outputLines = 20;
        private Logs logs = Logs.DEFAULT;
        private List<String> forwardHup = List.of();
        private List<Daemon> daemons = List.of();
        private Identity identity = Identity.NONE;

        private Builder() {}

        public Builder failurePolicy(FailurePolicy policy) {
            failurePolicy = policy;
            return this;
        }

        public Builder stopGracePeriod(TimeSpan grace) {
            stopGracePeriod = grace;
            return this;
        }

        public Builder restart(RestartPolicy policy) {
            restart = policy;
            return this;
        }

        public Builder notifyUrls(List<URI> urls) {
            notifyUrls = urls;
            return this;
        }

        public Builder outputLines(int lines) {
            outputLines = lines;
            return this;
        }

        public Builder logFormat(LogFormat format) {
            logs = logs.withFormat(format);
            return this;
        }

        public Builder maxLine(ByteSize size) {
            logs = logs.withMaxLine(size);
            return this;
        }

        public Builder colour(Colour colour) {
            logs = logs.withColour(colour);
            return this;
        }

        public Builder forwardHup(List<String> daemons) {
            forwardHup = daemons;
            return this;
        }

        public Builder daemons(List<Daemon> daemons) {
            this.daemons = daemons;
            return this;
        }

        public Builder identity(Identity identity) {
            this.identity = identity;
            return this;
        }

        public Bundle build() {
            return new Bundle(
                    failurePolicy,
                    stopGracePeriod,
                    restart,
                    notifyUrls,
                    outputLines,
                    logs,
                    forwardHup,
                    daemons,
                    identity);
        }
    }
}
