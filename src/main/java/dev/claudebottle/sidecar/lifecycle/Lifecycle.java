package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.List;
import java.util.OptionalLong;

/**
 * The state machine of a bundle: a pure function from a state, an event and a time to the next state and the effects.
 * It has no clock, no threads and no I/O. The rules are in {@link ProbeTransitions}, {@link DeathTransitions},
 * {@link RestartTransitions} and {@link ReminderTransitions}, which use {@link StartTransitions} and {@link StopTransitions}.
 */
public final class Lifecycle {

    /** @param effects in the order in which the supervisor carries them out */
    public record Step(BundleState state, List<Effect> effects) {}

    private Lifecycle() {}

    /** @throws IllegalStateException if the event is impossible in this state: a fault in this program */
    public static Step step(BundleState before, Event event, Timestamp now) {
        if (before.phase() instanceof Phase.Over) {
            return new Step(before, List.of());
        }
        Transition transition = new Transition(before, now);
        DeathTransitions.resetStable(transition);
        handle(transition, event);
        leaveIfAllExited(transition);
        BundleState after = transition.state();
        if (after.ready() && !before.ready()) {
            transition.publish(Notification.Type.BUNDLE_READY);
        }
        return new Step(after, transition.effects());
    }

    private static void handle(Transition transition, Event event) {
        switch (event) {
            case Event.Begin begin -> StartTransitions.begin(transition, begin);
            case Event.Started started -> StartTransitions.started(transition, started);
            case Event.StartFailed failed -> DeathTransitions.startFailed(transition, failed);
            case Event.Exited exited
            when RestartTransitions.stops(transition, exited.daemon()) -> RestartTransitions.exited(transition, exited);
            case Event.Exited exited -> DeathTransitions.exited(transition, exited);
            case Event.SessionEmptied emptied
            when RestartTransitions.stops(transition, emptied.daemon()) ->
                RestartTransitions.sessionEmptied(transition, emptied);
            case Event.SessionEmptied emptied -> DeathTransitions.sessionEmptied(transition, emptied);
            case Event.Probed probed -> ProbeTransitions.probed(transition, probed);
            case Event.NotProbed notProbed -> ProbeTransitions.notProbed(transition, notProbed);
            case Event.OutputHeld held -> DeathTransitions.outputHeld(transition, held);
            case Event.OutputReleased released -> DeathTransitions.outputReleased(transition, released);
            case Event.StopRequested request -> StopTransitions.requested(transition, request);
            case Event.RestartRequested request -> RestartTransitions.requested(transition, request);
            case Event.HangUp _ -> forwardHangUp(transition);
            case Event.Resumed resumed -> {
                StopTransitions.resumed(transition, resumed);
                ReminderTransitions.resumed(transition, resumed.pause());
            }
            case Event.TimePassed _ -> {
                StopTransitions.timePassed(transition);
                DeathTransitions.timePassed(transition);
                ReminderTransitions.timePassed(transition);
            }
        }
    }

    private static void forwardHangUp(Transition transition) {
        for (String name : transition.bundle().forwardHup()) {
            if (transition.has(name) && transition.get(name).pid().isPresent()) {
                transition.effect(new Effect.SignalSession(name, Signal.HUP));
            }
        }
    }

    /**
     * A dead daemon whose session still waits for its stop signal counts as exited too: it waits for a dependent that has
     * not exited.
     */
    private static void leaveIfAllExited(Transition transition) {
        for (DaemonStatus daemon : transition.daemons()) {
            if (!(daemon.state() instanceof DaemonState.Exited)) {
                return;
            }
        }
        transition.effect(new Effect.Leave(ExitCodes.ofBundle(transition.phase(), transition.daemons())));
        transition.enter(new Phase.Over(
                transition.phase() instanceof Phase.Stopping stopping
                        ? OptionalLong.of(stopping.since())
                        : OptionalLong.empty()));
    }
}
