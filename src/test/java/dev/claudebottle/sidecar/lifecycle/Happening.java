package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;

/** Every event that can happen to daemon {@code a}, in the variants that make a difference. */
enum Happening {
    BEGIN(new Event.Begin()),
    STARTED(new Event.Started("a", 12)),
    START_FAILED(new Event.StartFailed("a", 126, "/bin/a", "Permission denied")),
    EXITED(new Event.Exited("a", new ExitStatus.Code(3), false, null)),
    EXITED_BEFORE_ITS_GROUP(new Event.Exited("a", new ExitStatus.Code(3), true, null)),
    GROUP_EMPTIED(new Event.GroupEmptied("a")),
    TERM(new Event.StopRequested(Signal.TERM)),
    TERM_A_SECOND_LATER(new Event.StopRequested(Signal.TERM)),
    NO_TIME_PASSED(new Event.TimePassed()),
    TIME_PASSED(new Event.TimePassed());

    private final Event event;

    Happening(Event event) {
        this.event = event;
    }

    Event event() {
        return event;
    }

    /** Lets it happen, at its time. */
    Lifecycle.Step to(Story story) {
        Moment now = story.now();
        Moment moment = switch (this) {
            case TERM_A_SECOND_LATER -> later(now, 1_000_000_000L);
            case TIME_PASSED -> {
                // an hour, where nothing waits for time
                long deadline = story.state().deadline().orElse(now.nanos() + 3_600_000_000_000L);
                yield later(now, deadline - now.nanos());
            }
            case BEGIN, STARTED, START_FAILED, EXITED, EXITED_BEFORE_ITS_GROUP, GROUP_EMPTIED, TERM, NO_TIME_PASSED ->
                now;
        };
        return Lifecycle.step(story.state(), event, moment);
    }

    private static Moment later(Moment now, long nanos) {
        return new Moment(now.nanos() + nanos, now.utc().plusNanos(nanos));
    }
}
