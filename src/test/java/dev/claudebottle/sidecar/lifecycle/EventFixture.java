package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.Optional;

/** Every event of daemon {@code a}, in each variant that makes a difference. */
enum EventFixture {
    BEGIN(new Event.Begin()),
    STARTED(new Event.Started("a", 12)),
    START_FAILED(new Event.StartFailed("a", 126, "/bin/a", "Permission denied")),
    EXITED(new Event.Exited("a", new ExitStatus.Code(3), false, null)),
    EXITED_SESSION_LEFT(new Event.Exited("a", new ExitStatus.Code(3), true, null)),
    SESSION_EMPTIED(new Event.SessionEmptied("a")),
    READINESS_PASSED(new Event.Probed("a", ProbeKind.READINESS, 0, Optional.empty())),
    READINESS_FAILED(new Event.Probed("a", ProbeKind.READINESS, 0, Optional.of("refused"))),
    LIVENESS_PASSED(new Event.Probed("a", ProbeKind.LIVENESS, 0, Optional.empty())),
    LIVENESS_FAILED(new Event.Probed("a", ProbeKind.LIVENESS, 0, Optional.of("timeout"))),
    STALE_READINESS_PASSED(new Event.Probed("a", ProbeKind.READINESS, -1, Optional.empty())),
    STALE_READINESS_FAILED(new Event.Probed("a", ProbeKind.READINESS, -1, Optional.of("refused"))),
    STALE_LIVENESS_FAILED(new Event.Probed("a", ProbeKind.LIVENESS, -1, Optional.of("timeout"))),
    NOT_PROBED(new Event.NotProbed("a", ProbeKind.READINESS, 0, "Too many open files")),
    STALE_NOT_PROBED(new Event.NotProbed("a", ProbeKind.LIVENESS, -1, "Too many open files")),
    OUTPUT_HELD(new Event.OutputHeld("a")),
    OUTPUT_RELEASED(new Event.OutputReleased("a")),
    RESTART(new Event.RestartRequested("a")),
    TERM(new Event.StopRequested(Signal.TERM)),
    TERM_A_SECOND_LATER(new Event.StopRequested(Signal.TERM)),
    HANG_UP(new Event.HangUp()),
    RESUMED(new Event.Resumed(Duration.ofSeconds(20))),
    TIMER_EARLY(new Event.TimePassed()),
    TIMER_DUE(new Event.TimePassed());

    private final Event event;

    EventFixture(Event event) {
        this.event = event;
    }

    Event event() {
        return event;
    }

    /** Takes the scenario one step further, at the time of this event. */
    Lifecycle.Step applyTo(Scenario scenario) {
        return Lifecycle.step(scenario.state(), eventIn(scenario), timeIn(scenario));
    }

    /** Probes are of the current start, stale ones of the start before it. */
    private Event eventIn(Scenario scenario) {
        return switch (event) {
            case Event.Probed(String daemon, ProbeKind kind, int start, Optional<String> failure) ->
                new Event.Probed(daemon, kind, scenario.daemon(daemon).starts() + start, failure);
            case Event.NotProbed(String daemon, ProbeKind kind, int start, String cause) ->
                new Event.NotProbed(daemon, kind, scenario.daemon(daemon).starts() + start, cause);
            default -> event;
        };
    }

    private Timestamp timeIn(Scenario scenario) {
        Timestamp now = scenario.now();
        return switch (this) {
            case TERM_A_SECOND_LATER -> later(now, 1_000_000_000L);
            case TIMER_DUE -> {
                // without a deadline: an hour later
                long deadline = scenario.state().deadline().orElse(now.nanos() + 3_600_000_000_000L);
                yield later(now, deadline - now.nanos());
            }
            case BEGIN,
                    STARTED,
                    START_FAILED,
                    EXITED,
                    EXITED_SESSION_LEFT,
                    SESSION_EMPTIED,
                    READINESS_PASSED,
                    READINESS_FAILED,
                    LIVENESS_PASSED,
                    LIVENESS_FAILED,
                    STALE_READINESS_PASSED,
                    STALE_READINESS_FAILED,
                    STALE_LIVENESS_FAILED,
                    NOT_PROBED,
                    STALE_NOT_PROBED,
                    OUTPUT_HELD,
                    OUTPUT_RELEASED,
                    RESTART,
                    TERM,
                    HANG_UP,
                    RESUMED,
                    TIMER_EARLY -> now;
        };
    }

    private static Timestamp later(Timestamp now, long nanos) {
        return new Timestamp(now.nanos() + nanos, now.utc().plusNanos(nanos));
    }
}
