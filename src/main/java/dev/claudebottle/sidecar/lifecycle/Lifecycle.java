package dev.claudebottle.sidecar.lifecycle;

import java.util.List;

/**
 * What happens when: a pure function from a state, an event and a time to the next state and what to do.
 * No clock, no threads, no I/O; {@link Turn} has the rules.
 */
public final class Lifecycle {

    /** @param effects to be carried out in order */
    public record Step(BundleState state, List<Effect> effects) {}

    private Lifecycle() {}

    /** @throws IllegalStateException for an event that can't happen in this state: a fault of ours */
    public static Step step(BundleState before, Event event, Moment now) {
        if (before.phase() instanceof Phase.Over) {
            return new Step(before, List.of());
        }
        Turn turn = new Turn(before, now);
        switch (event) {
            case Event.Begin begin -> turn.begin(begin);
            case Event.Started started -> turn.started(started);
            case Event.StartFailed failed -> turn.startFailed(failed);
            case Event.Exited exited -> turn.exited(exited);
            case Event.GroupEmptied emptied -> turn.groupEmptied(emptied);
            case Event.StopRequested request -> turn.stopRequested(request);
            case Event.TimePassed _ -> turn.timePassed();
        }
        return turn.end();
    }
}
