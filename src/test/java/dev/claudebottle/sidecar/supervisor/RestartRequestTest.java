package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestartRequestTest {

    private static final BundleState STATE = BundleState.initial(BuiltInBundle.get(), 0);

    @Test
    void isOverAtItsDeadlineAlsoWhenTheSupervisorHasNotDecidedOnIt() {
        // Given
        RestartRequest request = new RestartRequest("egress", 0);
        long deadline = request.deadline(STATE);

        // When
        Optional<RestartRequest.Answer> before = request.answer(STATE, deadline - 1);
        Optional<RestartRequest.Answer> after = request.answer(STATE, deadline);

        // Then
        assertThat(before).isEmpty();
        assertThat(after).map(RestartRequest.Answer::code).contains(RestartRequest.Answer.FAILED);
    }

    @Test
    void aDaemonThatRunsButIsNotReadyIsCalledSoWithTheCause() {
        // Given
        Probe probe =
                Probe.builder().target(new Probe.Target.Tcp("localhost", 9)).build();
        Daemon daemon = Daemon.builder("egress", "/bin/true").readiness(probe).build();
        BundleState running = after(
                BundleState.initial(Bundle.builder().daemons(List.of(daemon)).build(), 1),
                new Event.Begin(),
                new Event.Started("egress", 11));
        RestartRequest request = new RestartRequest("egress", 0);
        assertThat(request.accept(running)).isTrue();

        // When
        BundleState unready = after(
                running,
                new Event.RestartRequested("egress"),
                new Event.Exited("egress", new ExitStatus.Killed(Signal.TERM, false), false, null),
                new Event.Started("egress", 12),
                new Event.Probed("egress", ProbeKind.READINESS, 2, Optional.of("Connection refused")));
        Optional<RestartRequest.Answer> answer = request.answer(unready, request.deadline(unready));

        // Then
        assertThat(answer)
                .contains(new RestartRequest.Answer(
                        RestartRequest.Answer.FAILED, "it is not ready after 38.0 s: Connection refused"));
    }

    private static BundleState after(BundleState state, Event... events) {
        for (Event event : events) {
            state = Lifecycle.step(state, event, new Timestamp(1, Instant.EPOCH))
                    .state();
        }
        return state;
    }
}
