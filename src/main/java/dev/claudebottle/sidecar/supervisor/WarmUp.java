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
 * Goes through a death and a stop once, without their effects: {@link Lifecycle} only says what there would be to do. The
 * JVM links code when it runs for the first time, and the first death is mostly the one that matters: without this its
 * line comes out after 13 ms, with it after 5.
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
