package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import java.util.List;
import java.util.OptionalLong;

/**
 * The whole bundle at one time: the state machine goes from one to the next, all other packages read the latest.
 *
 * @param daemons in the bundle's order
 * @param seed of the next random number; it makes the jitter of restarts a function of the state
 */
public record BundleState(Bundle bundle, Phase phase, List<DaemonStatus> daemons, long seed) {

    public BundleState {
        daemons = List.copyOf(daemons);
    }

    public static BundleState initial(Bundle bundle, long seed) {
        return new BundleState(
                bundle,
                new Phase.Running(),
                bundle.daemons().stream().map(DaemonStatus::initial).toList(),
                seed);
    }

    /** Every daemon is healthy, and the bundle does not stop. */
    public boolean ready() {
        if (!(phase instanceof Phase.Running)) {
            return false;
        }
        for (DaemonStatus daemon : daemons) {
            if (!daemon.healthy()) {
                return false;
            }
        }
        return true;
    }

    /** Every daemon has been ready at least once. */
    public boolean started() {
        return daemons.stream().allMatch(DaemonStatus::everReady);
    }

    /** Whether the exit of an orphan can empty the session of a dead daemon. */
    public boolean watchesSessions() {
        return daemons.stream().anyMatch(daemon -> daemon.sessionToWatch().isPresent());
    }

    public DaemonStatus daemon(String name) {
        for (DaemonStatus daemon : daemons) {
            if (daemon.name().equals(name)) {
                return daemon;
            }
        }
        throw new IllegalArgumentException("no such daemon: " + name);
    }

    /** When {@link Event.TimePassed} is due, monotonic; empty: no deadline is set. */
    public OptionalLong deadline() {
        return Deadlines.earliest(bundle, phase, daemons);
    }
}
