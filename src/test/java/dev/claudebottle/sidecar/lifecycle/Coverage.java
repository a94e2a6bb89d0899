package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an exhaustive search has come across, as a proof that its bundles lead everywhere. */
final class Coverage {

    /** What must have happened at least once. */
    enum Sight {
        NOT_STARTED_WITHOUT_ITS_DEPENDENCY,
        RESTART_AFTER_A_DELAY,
        RESTART_WITH_A_SESSION_LEFT,
        RESTART_AFTER_OUTPUT_WAS_HELD,
        RESET,
        RECOVERY,
        CRASH_LOOP,
        CRASH_LOOP_LEFT,
        CRASH_LOOP_TEARDOWN,
        TEARDOWN,
        TERM_BEFORE_BEGIN,
        TERM_IN_A_TEARDOWN,
        START_ANSWERED_IN_A_STOP,
        START_FAILED_IN_A_STOP,
        LATE_START_KILLED,
        STOPPED_BEFORE_A_DEPENDENT,
        SESSION_OF_A_DEAD_DAEMON_STOPPED,
        KILLED_BY_SECOND_TERM,
        KILLED_AT_OWN_GRACE,
        KILLED_FOR_LIVENESS,
        GIVEN_UP,
        EXITED_AFTER_GIVEN_UP,
        LEFT_WITHOUT_A_STOP,
        PAUSE_IN_A_STOP,
        HANG_UP_FORWARDED,
        RESTART_OF_A_RUNNING_DAEMON,
        RESTART_OF_A_DEAD_DAEMON,
        RESTART_OF_WHAT_A_DEAD_DAEMON_LEFT,
        RESTART_CUTS_A_DELAY_SHORT,
        RESTART_AFTER_A_FAILED_LIVENESS,
        RESTART_REFUSED,
        RESTART_KILLED_AT_ITS_GRACE,
        RESTART_WITHOUT_THE_SESSION,
        RESTART_ENDED_BY_A_STOP,
        PLANNED_GAP_ENDED,
        PLANNED_GAP_ENDED_BY_A_DEATH
    }

    final Set<Sight> sights = EnumSet.noneOf(Sight.class);

    /** The phases and daemon states that occur together. */
    final Set<StateEventTableTest.Pair> pairs = new HashSet<>();

    void saw(World before, Move move, World.Outcome outcome) {
        World after = outcome.world();
        List<DaemonStatus> daemons = after.state().daemons();
        for (int i = 0; i < daemons.size(); i++) {
            pairs.add(new StateEventTableTest.Pair(
                    after.state().phase().getClass(), daemons.get(i).state().getClass()));
            daemon(before, outcome.effects(), before.state().daemons().get(i), daemons.get(i));
        }
        if (move instanceof Move.Pause) {
            see(Sight.PAUSE_IN_A_STOP, before.stopping());
        }
        if (move instanceof Move.Deliver(Event event)) {
            event(before, event, outcome);
        }
    }

    private void event(World before, Event event, World.Outcome outcome) {
        List<Effect> effects = outcome.effects();
        boolean stopping = before.stopping();
        boolean kills = effects.stream()
                .anyMatch(each -> each instanceof Effect.SignalSession signal
                        && signal.signal().equals(Signal.KILL));
        boolean over = outcome.world().state().phase() instanceof Phase.Over;
        see(
                Sight.LEFT_WITHOUT_A_STOP,
                over && before.running() && !outcome.world().stop().began());
        see(
                Sight.RESTART_REFUSED,
                event instanceof Event.RestartRequested(String name)
                        && before.running()
                        && RestartTransitions.refusal(before.state(), name).isPresent());
        see(Sight.HANG_UP_FORWARDED, event instanceof Event.HangUp && !effects.isEmpty());
        see(Sight.TEARDOWN, teardown(effects) && !(event instanceof Event.StopRequested));
        see(Sight.TERM_BEFORE_BEGIN, event instanceof Event.StopRequested && !before.begun());
        see(
                Sight.TERM_IN_A_TEARDOWN,
                event instanceof Event.StopRequested
                        && stopping
                        && before.stop().firstTerm().isEmpty());
        see(Sight.KILLED_BY_SECOND_TERM, event instanceof Event.StopRequested && kills);
        see(Sight.START_ANSWERED_IN_A_STOP, event instanceof Event.Started && stopping);
        see(Sight.START_FAILED_IN_A_STOP, event instanceof Event.StartFailed && stopping);
        see(Sight.LATE_START_KILLED, event instanceof Event.Started && kills);
        see(
                Sight.RESTART_AFTER_OUTPUT_WAS_HELD,
                event instanceof Event.OutputReleased && effects.stream().anyMatch(Effect.Start.class::isInstance));
        see(
                Sight.EXITED_AFTER_GIVEN_UP,
                event instanceof Event.Exited exited
                        && before.state().daemon(exited.daemon()).isDown());
    }

    private void daemon(World before, List<Effect> effects, DaemonStatus was, DaemonStatus is) {
        boolean starts = effects.contains(new Effect.Start(is.name()));
        boolean kill = effects.contains(new Effect.SignalSession(is.name(), Signal.KILL));
        boolean stop = effects.contains(new Effect.SignalSession(is.name(), Signal.CONT));
        see(
                Sight.NOT_STARTED_WITHOUT_ITS_DEPENDENCY,
                before.running() && was.state() instanceof DaemonState.Waiting && is.isDown());
        if (was.state() instanceof DaemonState.Backoff backoff) {
            see(Sight.RESTART_AFTER_A_DELAY, starts);
            see(
                    Sight.RESTART_WITH_A_SESSION_LEFT,
                    starts && backoff.deadSession().isPresent());
        }
        see(
                Sight.RESET,
                was.ready()
                        && is.ready()
                        && was.restartHistory().canReset()
                        && !is.restartHistory().canReset());
        see(Sight.RECOVERY, was.gaps().isOpen() && !is.gaps().isOpen() && before.running());
        restart(before, effects, was, is);
        boolean looping = is.crashLooping() && !was.crashLooping();
        boolean exits = is.state() instanceof DaemonState.Exited;
        see(Sight.CRASH_LOOP, looping);
        see(Sight.CRASH_LOOP_LEFT, looping && exits && !teardown(effects));
        see(Sight.CRASH_LOOP_TEARDOWN, looping && teardown(effects));
        see(Sight.STOPPED_BEFORE_A_DEPENDENT, before.stopping() && stop && Overdue.isNeeded(before.state(), is.name()));
        see(Sight.SESSION_OF_A_DEAD_DAEMON_STOPPED, stop && was.state() instanceof DaemonState.Exited);
        see(Sight.KILLED_FOR_LIVENESS, before.running() && kill);
        see(
                Sight.KILLED_AT_OWN_GRACE,
                kill
                        && before.stopping()
                        && !before.stop().killing()
                        && is.daemon().stopGracePeriod().isPresent());
        see(
                Sight.GIVEN_UP,
                was.state() instanceof DaemonState.Stopping stopping
                        && stopping.killedAt().isPresent()
                        && is.isDown());
    }

    private void restart(World before, List<Effect> effects, DaemonStatus was, DaemonStatus is) {
        boolean asked = effects.stream()
                .anyMatch(each -> each instanceof Effect.Publish(Notification published)
                        && published.type() == Notification.Type.DAEMON_RESTARTING
                        && published.planned()
                        && published.daemon().orElseThrow().name().equals(is.name()));
        boolean starts = effects.contains(new Effect.Start(is.name()));
        boolean kill = effects.contains(new Effect.SignalSession(is.name(), Signal.KILL));
        boolean exited = was.state() instanceof DaemonState.Exited;
        see(Sight.RESTART_OF_A_RUNNING_DAEMON, asked && was.ready());
        see(Sight.RESTART_OF_A_DEAD_DAEMON, asked && exited && starts);
        see(Sight.RESTART_OF_WHAT_A_DEAD_DAEMON_LEFT, asked && exited && is.restartsWhenDown());
        see(Sight.RESTART_CUTS_A_DELAY_SHORT, asked && was.state() instanceof DaemonState.Backoff && starts);
        see(Sight.RESTART_AFTER_A_FAILED_LIVENESS, asked && was.state() instanceof DaemonState.Stopping);
        see(Sight.RESTART_KILLED_AT_ITS_GRACE, kill && was.restartsWhenDown() && before.running());
        see(
                Sight.RESTART_WITHOUT_THE_SESSION,
                was.restartsWhenDown()
                        && is.state() instanceof DaemonState.Backoff backoff
                        && backoff.deadSession().isPresent());
        see(Sight.RESTART_ENDED_BY_A_STOP, was.restartsWhenDown() && teardown(effects));
        see(Sight.PLANNED_GAP_ENDED, was.gaps().planned() && !is.gaps().isOpen());
        see(
                Sight.PLANNED_GAP_ENDED_BY_A_DEATH,
                was.gaps().planned() && is.gaps().isOpen() && !is.gaps().planned());
    }

    private static boolean teardown(List<Effect> effects) {
        return effects.stream()
                .anyMatch(each -> each instanceof Effect.Publish(Notification published)
                        && published.type() == Notification.Type.BUNDLE_STOPPING);
    }

    private void see(Sight sight, boolean seen) {
        if (seen) {
            sights.add(sight);
        }
    }
}
