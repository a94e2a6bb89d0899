package dev.claudebottle.sidecar.bundle;

import java.util.List;

/**
 * The daemons of one container, and the rules for them.
 *
 * @param failurePolicy for daemons without their own
 * @param stopGracePeriod from the stop request to SIGKILL for what is left
 * @param logFormat of stdout
 * @param daemons in start order; only those that are selected
 */
public record Bundle(FailurePolicy failurePolicy, TimeSpan stopGracePeriod, LogFormat logFormat, List<Daemon> daemons) {

    public Bundle {
        daemons = List.copyOf(daemons);
    }

    public FailurePolicy failurePolicyOf(Daemon daemon) {
        return daemon.failurePolicy().orElse(failurePolicy);
    }

    /** The daemon's own grace, never above the bundle's. */
    public TimeSpan stopGracePeriodOf(Daemon daemon) {
        return daemon.stopGracePeriod().map(own -> own.atMost(stopGracePeriod)).orElse(stopGracePeriod);
    }
}
