package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import java.util.List;
import java.util.OptionalLong;

/**
 * The whole bundle at one moment: what {@link Lifecycle} steps from, and what everybody else reads.
 *
 * @param daemons in the bundle's order
 */
public record BundleState(Bundle bundle, Phase phase, List<DaemonStatus> daemons) {

    public BundleState {
        daemons = List.copyOf(daemons);
    }

    public static BundleState initial(Bundle bundle) {
        return new BundleState(
                bundle,
                new Phase.Running(),
                bundle.daemons().stream().map(DaemonStatus::initial).toList());
    }

    /** Every daemon is ready, and the bundle is not stopping. */
    public boolean ready() {
        return phase instanceof Phase.Running && daemons.stream().allMatch(DaemonStatus::ready);
    }

    /** Every daemon has been ready at least once. */
    public boolean started() {
        return daemons.stream().allMatch(DaemonStatus::everReady);
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
        return StopRules.deadline(this);
    }
}
