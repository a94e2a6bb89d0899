package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Effect;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.Timestamp;

/**
 * Runs a death and a stop through {@link Lifecycle} once and discards their effects. The JVM links code when it first runs;
 * without this, the line of the first death comes out after 13 ms, with it after 5 ms.
 */
final class WarmUp {

    private WarmUp() {}

    static void of(Bundle bundle, Timestamp now) {
        Lifecycle.Step begun = Lifecycle.step(BundleState.initial(bundle, 0), new Event.Begin(), now);
        begun.effects().stream()
                .filter(Effect.Start.class::isInstance)
                .map(start -> ((Effect.Start) start).daemon())
                .findFirst()
                .ifPresent(daemon -> warmUp(begun.state(), daemon, now));
    }

    private static void warmUp(BundleState begun, String daemon, Timestamp now) {
        BundleState running =
                Lifecycle.step(begun, new Event.Started(daemon, 1), now).state();
        ExitStatus killed = new ExitStatus.Killed(Signal.KILL, false);
        Lifecycle.step(running, new Event.Exited(daemon, killed, false, null), now);
        Lifecycle.step(running, new Event.StopRequested(Signal.TERM), now);
    }
}
