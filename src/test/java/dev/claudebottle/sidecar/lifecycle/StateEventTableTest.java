package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Happening.*;
import static dev.claudebottle.sidecar.lifecycle.Situation.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every state x every event: what follows, or that it can't be. */
class StateEventTableTest {

    private static final String LEAVE_CLAUSE =
            "; leaving surviving daemons running (operator-visible via agent-side failure)";

    /** Phases and states that never meet. */
    private static final Set<Pair> NEVER = Set.of(
            new Pair(Phase.Running.class, DaemonState.Stopping.class),
            new Pair(Phase.Stopping.class, DaemonState.Waiting.class),
            new Pair(Phase.Stopping.class, DaemonState.Running.class),
            new Pair(Phase.Over.class, DaemonState.Waiting.class),
            new Pair(Phase.Over.class, DaemonState.Starting.class),
            new Pair(Phase.Over.class, DaemonState.Running.class),
            new Pair(Phase.Over.class, DaemonState.Stopping.class));

    static List<Row> table() {
        Table table = new Table();
        table.in(BEFORE_BEGIN)
                .on(BEGIN, "running: starting", say("starting a"), start("a"))
                .on(TERM, "over: exited", say("shutting down (SIGTERM); forwarding SIGTERM"), leave(0))
                .on(TERM_A_SECOND_LATER, "over: exited", say("shutting down (SIGTERM); forwarding SIGTERM"), leave(0))
                .ignores(NO_TIME_PASSED, TIME_PASSED)
                .refuses(STARTED, START_FAILED, EXITED, EXITED_BEFORE_ITS_GROUP, GROUP_EMPTIED);
        table.in(WAITING_WHILE_B_STARTS)
                .on(TERM, "stopping: exited", say("shutting down (SIGTERM); forwarding SIGTERM"))
                .on(TERM_A_SECOND_LATER, "stopping: exited", say("shutting down (SIGTERM); forwarding SIGTERM"))
                .ignores(NO_TIME_PASSED, TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, EXITED, EXITED_BEFORE_ITS_GROUP, GROUP_EMPTIED);
        table.in(STARTING)
                .on(STARTED, "running: running 12", say("starting b"), start("b"))
                .on(
                        START_FAILED,
                        "running: exited",
                        say("cannot start a: /bin/a: Permission denied" + LEAVE_CLAUSE),
                        say("starting b"),
                        start("b"))
                .on(TERM, "stopping: starting", say("shutting down (SIGTERM); forwarding SIGTERM"))
                .on(TERM_A_SECOND_LATER, "stopping: starting", say("shutting down (SIGTERM); forwarding SIGTERM"))
                .ignores(NO_TIME_PASSED, TIME_PASSED)
                .refuses(BEGIN, EXITED, EXITED_BEFORE_ITS_GROUP, GROUP_EMPTIED);
        table.in(RUNNING)
                .on(EXITED, "running: exited", lastSay("a exited with code 3" + LEAVE_CLAUSE))
                .on(EXITED_BEFORE_ITS_GROUP, "running: exited", lastSay("a exited with code 3" + LEAVE_CLAUSE))
                .on(
                        TERM,
                        "stopping: stopping 100 alive",
                        say("shutting down (SIGTERM); forwarding SIGTERM"),
                        signal("a", Signal.TERM),
                        signal("a", Signal.CONT),
                        signal("b", Signal.TERM),
                        signal("b", Signal.CONT))
                .on(
                        TERM_A_SECOND_LATER,
                        "stopping: stopping 100 alive",
                        say("shutting down (SIGTERM); forwarding SIGTERM"),
                        signal("a", Signal.TERM),
                        signal("a", Signal.CONT),
                        signal("b", Signal.TERM),
                        signal("b", Signal.CONT))
                .ignores(NO_TIME_PASSED, TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, GROUP_EMPTIED);
        table.in(DEAD)
                .on(
                        TERM,
                        "stopping: exited",
                        say("shutting down (SIGTERM); forwarding SIGTERM"),
                        signal("b", Signal.TERM),
                        signal("b", Signal.CONT))
                .on(
                        TERM_A_SECOND_LATER,
                        "stopping: exited",
                        say("shutting down (SIGTERM); forwarding SIGTERM"),
                        signal("b", Signal.TERM),
                        signal("b", Signal.CONT))
                .ignores(GROUP_EMPTIED, NO_TIME_PASSED, TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, EXITED, EXITED_BEFORE_ITS_GROUP);

        table.in(STOP_BEGAN_WHILE_STARTING)
                .on(STARTED, "stopping: stopping 12 alive", signal("a", Signal.TERM), signal("a", Signal.CONT))
                .on(START_FAILED, "stopping: exited", say("cannot start a: /bin/a: Permission denied"))
                .on(TERM_A_SECOND_LATER, "killing: starting", say("SIGTERM again; SIGKILL on b"), kill("b"))
                .on(TIME_PASSED, "killing: starting", say("grace (8s) elapsed; SIGKILL on b"), kill("b"))
                .ignores(TERM, NO_TIME_PASSED)
                .refuses(BEGIN, EXITED, EXITED_BEFORE_ITS_GROUP, GROUP_EMPTIED);
        table.in(STOPPING)
                .on(EXITED, "stopping: exited", lastSay("a exited with code 3"))
                .on(EXITED_BEFORE_ITS_GROUP, "stopping: stopping 100 dead", lastSay("a exited with code 3"))
                .on(
                        TERM_A_SECOND_LATER,
                        "killing: stopping 100 alive killed",
                        say("SIGTERM again; SIGKILL on a, b"),
                        kill("a"),
                        kill("b"))
                .on(
                        TIME_PASSED,
                        "stopping: stopping 100 alive killed",
                        say("grace (5s) elapsed; SIGKILL on a"),
                        kill("a"))
                .ignores(TERM, NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, GROUP_EMPTIED);
        table.in(GROUP_LEFT)
                .on(GROUP_EMPTIED, "stopping: exited")
                .on(
                        TERM_A_SECOND_LATER,
                        "killing: stopping 100 dead killed",
                        say("SIGTERM again; SIGKILL on a, b"),
                        kill("a"),
                        kill("b"))
                .on(
                        TIME_PASSED,
                        "stopping: stopping 100 dead killed",
                        say("grace (5s) elapsed; SIGKILL on a"),
                        kill("a"))
                .ignores(TERM, NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, EXITED, EXITED_BEFORE_ITS_GROUP);
        table.in(DOWN)
                .on(TERM_A_SECOND_LATER, "killing: exited", say("SIGTERM again; SIGKILL on b"), kill("b"))
                .on(TIME_PASSED, "killing: exited", say("grace (8s) elapsed; SIGKILL on b"), kill("b"))
                // it can't die twice, but looks like one that was given up
                .on(EXITED, "stopping: exited", lastSay("a exited with code 3"))
                .on(EXITED_BEFORE_ITS_GROUP, "stopping: exited", lastSay("a exited with code 3"))
                .ignores(GROUP_EMPTIED, TERM, NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED);
        table.in(KILLED_AT_OWN_GRACE)
                .on(EXITED, "stopping: exited", lastSay("a exited with code 3"))
                .on(EXITED_BEFORE_ITS_GROUP, "stopping: stopping 100 dead killed", lastSay("a exited with code 3"))
                .on(
                        TERM,
                        "killing: stopping 100 alive killed",
                        say("SIGTERM again; SIGKILL on a, b"),
                        kill("a"),
                        kill("b"))
                .on(
                        TERM_A_SECOND_LATER,
                        "killing: stopping 100 alive killed",
                        say("SIGTERM again; SIGKILL on a, b"),
                        kill("a"),
                        kill("b"))
                .on(TIME_PASSED, "stopping: exited", say("SIGKILL does not end a; leaving without it"))
                .ignores(NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, GROUP_EMPTIED);
        table.in(GROUP_KILLED_AT_OWN_GRACE)
                .on(GROUP_EMPTIED, "stopping: exited")
                .on(
                        TERM,
                        "killing: stopping 100 dead killed",
                        say("SIGTERM again; SIGKILL on a, b"),
                        kill("a"),
                        kill("b"))
                .on(
                        TERM_A_SECOND_LATER,
                        "killing: stopping 100 dead killed",
                        say("SIGTERM again; SIGKILL on a, b"),
                        kill("a"),
                        kill("b"))
                .on(TIME_PASSED, "stopping: exited", say("SIGKILL does not end a; leaving without it"))
                .ignores(NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, EXITED, EXITED_BEFORE_ITS_GROUP);
        table.in(GIVEN_UP)
                .on(EXITED, "stopping: exited", lastSay("a exited with code 3"))
                .on(EXITED_BEFORE_ITS_GROUP, "stopping: exited", lastSay("a exited with code 3"))
                .on(TERM, "killing: exited", say("SIGTERM again; SIGKILL on b"), kill("b"))
                .on(TERM_A_SECOND_LATER, "killing: exited", say("SIGTERM again; SIGKILL on b"), kill("b"))
                .on(TIME_PASSED, "killing: exited", say("grace (8s) elapsed; SIGKILL on b"), kill("b"))
                .ignores(GROUP_EMPTIED, NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED);

        table.in(KILLING_BEGAN_WHILE_STARTING)
                .on(
                        STARTED,
                        "killing: stopping 12 alive killed",
                        signal("a", Signal.TERM),
                        signal("a", Signal.CONT),
                        kill("a"))
                .on(START_FAILED, "killing: exited", say("cannot start a: /bin/a: Permission denied"))
                .on(TIME_PASSED, "killing: starting", say("SIGKILL does not end b; leaving without it"))
                .ignores(TERM, TERM_A_SECOND_LATER, NO_TIME_PASSED)
                .refuses(BEGIN, EXITED, EXITED_BEFORE_ITS_GROUP, GROUP_EMPTIED);
        table.in(KILLED_BY_SECOND_TERM)
                .on(EXITED, "killing: exited", lastSay("a exited with code 3"))
                .on(EXITED_BEFORE_ITS_GROUP, "killing: stopping 100 dead killed", lastSay("a exited with code 3"))
                .on(
                        TIME_PASSED,
                        "over: exited",
                        say("SIGKILL does not end a; leaving without it"),
                        say("SIGKILL does not end b; leaving without it"),
                        leave(0))
                .ignores(TERM, TERM_A_SECOND_LATER, NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, GROUP_EMPTIED);
        table.in(GROUP_KILLED_BY_SECOND_TERM)
                .on(GROUP_EMPTIED, "killing: exited")
                .on(
                        TIME_PASSED,
                        "over: exited",
                        say("SIGKILL does not end a; leaving without it"),
                        say("SIGKILL does not end b; leaving without it"),
                        leave(0))
                .ignores(TERM, TERM_A_SECOND_LATER, NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED, EXITED, EXITED_BEFORE_ITS_GROUP);
        table.in(DOWN_WHILE_B_IS_KILLED)
                .on(TIME_PASSED, "over: exited", say("SIGKILL does not end b; leaving without it"), leave(0))
                .on(EXITED, "killing: exited", lastSay("a exited with code 3"))
                .on(EXITED_BEFORE_ITS_GROUP, "killing: exited", lastSay("a exited with code 3"))
                .ignores(GROUP_EMPTIED, TERM, TERM_A_SECOND_LATER, NO_TIME_PASSED)
                .refuses(BEGIN, STARTED, START_FAILED);

        table.in(OVER).ignores(Happening.values());
        return table.rows;
    }

    @ParameterizedTest
    @MethodSource("table")
    void followsTheTable(Row row) {
        Story story = row.situation().reach();
        switch (row.outcome()) {
            case Outcome.Becomes(String place, List<Effect> effects) -> {
                Lifecycle.Step step = row.happening().to(story);
                assertThat(place(step.state())).isEqualTo(place);
                assertThat(step.effects()).isEqualTo(effects);
            }
            case Outcome.Ignored _ -> {
                Lifecycle.Step step = row.happening().to(story);
                assertThat(step.state().daemons()).isEqualTo(story.state().daemons());
                assertThat(step.effects()).isEmpty();
            }
            case Outcome.Refused _ ->
                assertThatThrownBy(() -> row.happening().to(story))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("internal error: ");
        }
    }

    @ParameterizedTest
    @EnumSource(Situation.class)
    void hasEachHappeningOnceInEachSituation(Situation situation) {
        assertThat(table())
                .filteredOn(row -> row.situation() == situation)
                .extracting(Row::happening)
                .containsExactlyInAnyOrder(Happening.values());
    }

    @Test
    void hasEveryEvent() {
        Set<Class<?>> happening = new HashSet<>();
        for (Happening each : Happening.values()) {
            happening.add(each.event().getClass());
        }
        assertThat(happening).containsExactlyInAnyOrder(Event.class.getPermittedSubclasses());
    }

    @Test
    void hasEveryDaemonStateInEveryPhaseOrSaysThatTheyNeverMeet() {
        Set<Pair> met = new HashSet<>();
        for (Situation situation : Situation.values()) {
            BundleState state = situation.reach().state();
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
    @EnumSource(Situation.class)
    void refusesADaemonThatTheBundleDoesNotHave(Situation situation) {
        Story story = situation.reach();
        List<Event> strangers = List.of(
                new Event.Started("x", 1),
                new Event.StartFailed("x", 127, "/x", "No such file or directory"),
                new Event.Exited("x", new ExitStatus.Code(0), false, null),
                new Event.GroupEmptied("x"));
        for (Event stranger : strangers) {
            if (situation == OVER) {
                assertThat(story.on(stranger).effects()).isEmpty();
            } else {
                assertThatThrownBy(() -> story.on(stranger)).hasMessage("no such daemon: x");
            }
        }
    }

    private static String place(BundleState state) {
        String phase = switch (state.phase()) {
            case Phase.Running _ -> "running";
            case Phase.Stopping stopping -> stopping.killing() ? "killing" : "stopping";
            case Phase.Over _ -> "over";
        };
        DaemonState daemon = state.daemon("a").state();
        return phase + ": " + daemon.word()
                + switch (daemon) {
                    case DaemonState.Running running -> " " + running.pid();
                    case DaemonState.Stopping stopping ->
                        " " + stopping.pid() + (stopping.alive() ? " alive" : " dead")
                                + (stopping.killedAt().isPresent() ? " killed" : "");
                    case DaemonState.Waiting _, DaemonState.Starting _, DaemonState.Exited _ -> "";
                };
    }

    private static Effect say(String line) {
        return new Effect.Say(line);
    }

    private static Effect lastSay(String line) {
        return new Effect.SayAfterLastWords("a", line);
    }

    private static Effect start(String daemon) {
        return new Effect.Start(daemon);
    }

    private static Effect signal(String daemon, Signal signal) {
        return new Effect.SignalGroup(daemon, signal);
    }

    private static Effect kill(String daemon) {
        return signal(daemon, Signal.KILL);
    }

    private static Effect leave(int code) {
        return new Effect.Leave(code);
    }

    private record Pair(Class<?> phase, Class<?> daemon) {}

    sealed interface Outcome {

        record Becomes(String place, List<Effect> effects) implements Outcome {}

        /** Nothing to do, and no daemon changes. */
        record Ignored() implements Outcome {}

        record Refused() implements Outcome {}
    }

    record Row(Situation situation, Happening happening, Outcome outcome) {

        @Override
        public String toString() {
            return situation + " x " + happening;
        }
    }

    private static final class Table {

        private final List<Row> rows = new ArrayList<>();
        private Situation situation;

        Table in(Situation situation) {
            this.situation = situation;
            return this;
        }

        Table on(Happening happening, String place, Effect... effects) {
            rows.add(new Row(situation, happening, new Outcome.Becomes(place, List.of(effects))));
            return this;
        }

        Table ignores(Happening... happenings) {
            return all(new Outcome.Ignored(), happenings);
        }

        Table refuses(Happening... happenings) {
            return all(new Outcome.Refused(), happenings);
        }

        private Table all(Outcome outcome, Happening... happenings) {
            for (Happening happening : happenings) {
                rows.add(new Row(situation, happening, outcome));
            }
            return this;
        }
    }
}
