package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import java.util.List;
import java.util.OptionalLong;

/**
 * The whole bundle at one moment: what {@link Lifecycle} steps from, and what everybody else reads.
 *
 * @param daemons in the bundle's order
 * @param seed of the next random number: restarts are jittered, and the state machine is a function
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

    /** Every daemon guards, and the bundle is not stopping. */
    public boolean ready() {
        return phase instanceof Phase.Running && daemons.stream().allMatch(DaemonStatus::healthy);
    }

    /** Every daemon has been ready at least once. */
    public boolean started() {
        return daemons.stream().allMatch(DaemonStatus::everReady);
    }

    /** Whether a dead daemon's group has to be looked at when an orphan is gone. */
    public boolean watchesGroups() {
        return daemons.stream().anyMatch(daemon -> daemon.groupToWatch().isPresent());
    }

    public DaemonStatus daemon(String name) {
        for (DaemonStatus daemon : daemons) {
            if (daemon.name().equals(name)) {
                return daemon;
            }
        }
        throw new IllegalArgumentException("no such daemon: " + name);
    }

    /** When {@link Event.TimePassed} is due, monotonic; empty: nothing is waiting for time. */
    public OptionalLong deadline() {
        return Deadlines.earliest(bundle, phase, daemons);
    }
}
