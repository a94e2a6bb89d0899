package dev.claudebottle.sidecar.bundle;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * The daemons of one container, and the rules for them.
 *
 * @param failurePolicy for daemons without their own
 * @param stopGracePeriod from the stop request to SIGKILL for what is left
 * @param restart how {@link FailurePolicy#RESTART} goes about it
 * @param notifyUrl where events are POSTed; empty: nowhere
 * @param outputLines how many last lines of output go into the event of an exit
 * @param logFormat of stdout
 * @param forwardHup names of the daemons that get our SIGHUP
 * @param daemons in start order; only those that are selected
 */
public record Bundle(
        FailurePolicy failurePolicy,
        TimeSpan stopGracePeriod,
        RestartPolicy restart,
        Optional<URI> notifyUrl,
        int outputLines,
        LogFormat logFormat,
        List<String> forwardHup,
        List<Daemon> daemons) {

    public Bundle {
        forwardHup = List.copyOf(forwardHup);
        daemons = List.copyOf(daemons);
    }

    public FailurePolicy failurePolicyOf(Daemon daemon) {
        return daemon.failurePolicy().orElse(failurePolicy);
    }

    /** The daemon's own grace, never above the bundle's. */
    public TimeSpan stopGracePeriodOf(Daemon daemon) {
        return daemon.stopGracePeriod().map(own -> own.atMost(stopGracePeriod)).orElse(stopGracePeriod);
    }

    /** The same rules for other daemons. */
    public Bundle withDaemons(List<Daemon> others) {
        return new Bundle(
                failurePolicy, stopGracePeriod, restart, notifyUrl, outputLines, logFormat, forwardHup, others);
    }

    /** The same, telling nobody. */
    public Bundle withoutNotify() {
        return new Bundle(
                failurePolicy, stopGracePeriod, restart, Optional.empty(), outputLines, logFormat, forwardHup, daemons);
    }
}
