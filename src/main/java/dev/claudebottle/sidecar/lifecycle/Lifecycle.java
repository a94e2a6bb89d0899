package dev.claudebottle.sidecar.lifecycle;

import java.util.List;

/**
 * What happens when: a pure function from a state, an event and a time to the next state and what to do.
 * No clock, no threads, no I/O. The rules are in {@link StartTransitions}, {@link ProbeTransitions}, {@link DeathTransitions} and
 * {@link StopTransitions}.
 */
public final class Lifecycle {

    /** @param effects to be carried out in order */
    public record Step(BundleState state, List<Effect> effects) {}

    private Lifecycle() {}

    /** @throws IllegalStateException for an event that can't happen in this state: a fault of ours */
    public static Step step(BundleState before, Event event, Timestamp now) {
        if (before.phase() instanceof Phase.Over) {
            return new Step(before, List.of());
        }
        Transition transition = new Transition(before, now);
        transition.deaths.resetStable();
        switch (event) {
            case Event.Begin begin -> transition.starts.begin(begin);
            case Event.Started started -> transition.starts.started(started);
            case Event.StartFailed failed -> transition.starts.startFailed(failed);
            case Event.Exited exited -> transition.deaths.exited(exited);
            case Event.GroupEmptied emptied -> transition.deaths.groupEmptied(emptied);
            case Event.Probed probed -> transition.probes.probed(probed);
            case Event.StopRequested request -> transition.stops.requested(request);
            case Event.HangUp _ -> transition.starts.hangUp();
            case Event.TimePassed _ -> {
                transition.stops.timePassed();
                transition.deaths.timePassed();
            }
        }
        return transition.end();
    }
}
