package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.StateFixture.OVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every state and event in every phase: the step that follows, or the refusal. See {@code state-event-table.txt}. */
class StateEventTableTest {

    /** Phases and daemon states that never occur together. */
    static final Set<Pair> NEVER = Set.of(
            new Pair(Phase.Stopping.class, DaemonState.Waiting.class),
            new Pair(Phase.Stopping.class, DaemonState.Backoff.class),
            new Pair(Phase.Over.class, DaemonState.Waiting.class),
            new Pair(Phase.Over.class, DaemonState.Launching.class),
            new Pair(Phase.Over.class, DaemonState.Starting.class),
            new Pair(Phase.Over.class, DaemonState.Running.class),
            new Pair(Phase.Over.class, DaemonState.Backoff.class),
            new Pair(Phase.Over.class, DaemonState.Stopping.class));

    record Pair(Class<?> phase, Class<?> daemon) {}

    private static Stream<TableRow> table(StateFixture state) throws IOException {
        return TableRow.readAll().stream().filter(row -> row.state() == state);
    }

    @ParameterizedTest
    @EnumSource(StateFixture.class)
    void eachEventDoesWhatTheTableSays(StateFixture state) throws IOException {
        assertAll(table(state)
                .map(row -> () ->
                        assertThatCode(() -> follows(row)).as(row.toString()).doesNotThrowAnyException()));
    }

    private static void follows(TableRow row) {
        Scenario scenario = row.state().reach();
        switch (row.outcome()) {
            case TableRow.Becomes(String state, List<String> effects) -> {
                Lifecycle.Step step = row.event().applyTo(scenario);
                assertThat(describe(step.state())).isEqualTo(state);
                assertThat(EffectFormatter.of(step.effects())).isEqualTo(effects);
            }
            case TableRow.Ignored _ -> {
                Lifecycle.Step step = row.event().applyTo(scenario);
                assertThat(step.state().daemons()).isEqualTo(scenario.state().daemons());
                assertThat(step.effects()).isEmpty();
            }
            case TableRow.Postponed _ -> {
                Lifecycle.Step step = row.event().applyTo(scenario);
                assertThat(describe(step.state())).isEqualTo(describe(scenario.state()));
                assertThat(step.effects()).isEmpty();
                assertThat(step.state().daemons()).isNotEqualTo(scenario.state().daemons());
            }
            case TableRow.Refused _ ->
                assertThatThrownBy(() -> row.event().applyTo(scenario))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("internal error: ");
        }
    }

    @ParameterizedTest
    @EnumSource(StateFixture.class)
    void hasEachEventOnceInEachState(StateFixture state) throws IOException {
        assertThat(table(state)).extracting(TableRow::event).containsExactlyInAnyOrder(EventFixture.values());
    }

    @Test
    void hasEveryEvent() {
        Set<Class<?>> events = new HashSet<>();
        for (EventFixture each : EventFixture.values()) {
            events.add(each.event().getClass());
        }
        assertThat(events).containsExactlyInAnyOrder(Event.class.getPermittedSubclasses());
    }

    @Test
    void hasBothAnswersOfEveryProbeKind() {
        Set<List<Object>> answers = new HashSet<>();
        for (EventFixture each : EventFixture.values()) {
            if (each.event() instanceof Event.Probed(String _, ProbeKind kind, int _, Optional<String> failure)) {
                answers.add(List.of(kind, failure.isPresent()));
            }
        }
        assertThat(answers).hasSize(2 * ProbeKind.values().length);
    }

    @Test
    void hasEveryDaemonStateInEveryPhaseThatItCanMeet() {
        Set<Pair> met = new HashSet<>();
        for (StateFixture fixture : StateFixture.values()) {
            BundleState state = fixture.reach().state();
            met.add(new Pair(state.phase().getClass(), state.daemon("a").state().getClass()));
        }
        Set<Pair> all = new HashSet<>();
        for (Class<?> phase : Phase.class.getPermittedSubclasses()) {
            for (Class<?> daemon : DaemonState.class.getPermittedSubclasses()) {
                all.add(new Pair(phase, daemon));
            }
        }
        assertThat(met).doesNotContainAnyElementsOf(NEVER);
        assertThat(Stream.concat(met.stream(), NEVER.stream())).containsExactlyInAnyOrderElementsOf(all);
    }

    @ParameterizedTest
    @EnumSource(StateFixture.class)
    void refusesUnknownDaemons(StateFixture state) {
        Scenario scenario = state.reach();
        List<Event> events = List.of(
                new Event.Started("x", 1),
                new Event.StartFailed("x", 127, "/x", "No such file or directory"),
                new Event.Exited("x", new ExitStatus.Code(0), false, null),
                new Event.Probed("x", ProbeKind.READINESS, 1, Optional.empty()),
                new Event.NotProbed("x", ProbeKind.READINESS, 1, "Too many open files"),
                new Event.OutputHeld("x"),
                new Event.RestartRequested("x"),
                new Event.OutputReleased("x"),
                new Event.SessionEmptied("x"));
        for (Event event : events) {
            if (state == OVER) {
                assertThat(scenario.on(event).effects()).isEmpty();
            } else {
                assertThatThrownBy(() -> scenario.on(event)).hasMessage("no such daemon: x");
            }
        }
    }

    private static String describe(BundleState state) {
        String phase = switch (state.phase()) {
            case Phase.Running _ -> "running";
            case Phase.Stopping stopping -> stopping.killing() ? "killing" : "stopping";
            case Phase.Over _ -> "over";
        };
        DaemonState daemon = state.daemon("a").state();
        return phase + "; a "
                + switch (daemon) {
                    case DaemonState.Waiting _ -> "waiting";
                    case DaemonState.Launching _ -> "launching";
                    case DaemonState.Starting starting ->
                        (starting.wasReady() ? "starting again, pid " : "starting, pid ") + starting.pid();
                    case DaemonState.Running running -> "running, pid " + running.pid();
                    case DaemonState.Backoff backoff ->
                        "backoff" + (backoff.deadSession().isPresent() ? ", session left" : "");
                    case DaemonState.Stopping stopping ->
                        "stopping"
                                + (stopping.forLiveness() ? " for liveness" : "")
                                + (stopping.restart() ? " for a restart" : "")
                                + ", pid "
                                + stopping.pid()
                                + (stopping.alive() ? "" : ", session left")
                                + (stopping.killedAt().isPresent() ? ", killed" : "");
                    case DaemonState.Exited exited ->
                        "exited" + (exited.deadSession().isPresent() ? ", session left" : "");
                };
    }
}
