package dev.claudebottle.sidecar.lifecycle;

import java.util.List;

/**
 * What happens when: a pure function from a state, an event and a time to the next state and what to do.
 * No clock, no threads, no I/O. The rules are in {@link StartRules}, {@link ProbeRules}, {@link DeathRules} and
 * {@link StopRules}.
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
        turn.deaths.forgive();
        switch (event) {
            case Event.Begin begin -> turn.starts.begin(begin);
            case Event.Started started -> turn.starts.started(started);
            case Event.StartFailed failed -> turn.starts.startFailed(failed);
            case Event.Exited exited -> turn.deaths.exited(exited);
            case Event.GroupEmptied emptied -> turn.deaths.groupEmptied(emptied);
            case Event.Probed probed -> turn.probes.probed(probed);
            case Event.StopRequested request -> turn.stops.requested(request);
            case Event.HangUp _ -> turn.starts.hangUp();
            case Event.TimePassed _ -> {
                turn.stops.timePassed();
                turn.deaths.timePassed();
            }
        }
        return turn.end();
    }
}
