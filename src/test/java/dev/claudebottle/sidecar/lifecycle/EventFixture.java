package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.Optional;

/** Every event that can happen to daemon {@code a}, in the variants that make a difference. */
enum EventFixture {
    BEGIN(new Event.Begin()),
    STARTED(new Event.Started("a", 12)),
    START_FAILED(new Event.StartFailed("a", 126, "/bin/a", "Permission denied")),
    EXITED(new Event.Exited("a", new ExitStatus.Code(3), false, null)),
    EXITED_BEFORE_ITS_GROUP(new Event.Exited("a", new ExitStatus.Code(3), true, null)),
    GROUP_EMPTIED(new Event.GroupEmptied("a")),
    READY(new Event.Probed("a", ProbeKind.READINESS, 0, Optional.empty())),
    UNREADY(new Event.Probed("a", ProbeKind.READINESS, 0, Optional.of("refused"))),
    ALIVE(new Event.Probed("a", ProbeKind.LIVENESS, 0, Optional.empty())),
    NOT_ALIVE(new Event.Probed("a", ProbeKind.LIVENESS, 0, Optional.of("timeout"))),
    STALE_READY(new Event.Probed("a", ProbeKind.READINESS, -1, Optional.empty())),
    STALE_UNREADY(new Event.Probed("a", ProbeKind.READINESS, -1, Optional.of("refused"))),
    STALE_NOT_ALIVE(new Event.Probed("a", ProbeKind.LIVENESS, -1, Optional.of("timeout"))),
    TERM(new Event.StopRequested(Signal.TERM)),
    TERM_A_SECOND_LATER(new Event.StopRequested(Signal.TERM)),
    HANG_UP(new Event.HangUp()),
    NO_TIME_PASSED(new Event.TimePassed()),
    TIME_PASSED(new Event.TimePassed());

    private final Event event;

    EventFixture(Event event) {
        this.event = event;
    }

    Event event() {
        return event;
    }

    /** Lets it happen, at its time. */
    Lifecycle.Step to(Scenario scenario) {
        return Lifecycle.step(scenario.state(), eventIn(scenario), momentIn(scenario));
    }

    /** Probes ask the current start, or, where they are stale, the one before it. */
    private Event eventIn(Scenario scenario) {
        return event instanceof Event.Probed(String daemon, ProbeKind kind, int start, Optional<String> failure)
                ? new Event.Probed(daemon, kind, scenario.daemon(daemon).starts() + start, failure)
                : event;
    }

    private Timestamp momentIn(Scenario scenario) {
        Timestamp now = scenario.now();
        return switch (this) {
            case TERM_A_SECOND_LATER -> later(now, 1_000_000_000L);
            case TIME_PASSED -> {
                // an hour, where nothing waits for time
                long deadline = scenario.state().deadline().orElse(now.nanos() + 3_600_000_000_000L);
                yield later(now, deadline - now.nanos());
            }
            case BEGIN,
                    STARTED,
                    START_FAILED,
                    EXITED,
                    EXITED_BEFORE_ITS_GROUP,
                    GROUP_EMPTIED,
                    READY,
                    UNREADY,
                    ALIVE,
                    NOT_ALIVE,
                    STALE_READY,
                    STALE_UNREADY,
                    STALE_NOT_ALIVE,
                    TERM,
                    HANG_UP,
                    NO_TIME_PASSED -> now;
        };
    }

    private static Timestamp later(Timestamp now, long nanos) {
        return new Timestamp(now.nanos() + nanos, now.utc().plusNanos(nanos));
    }
}
