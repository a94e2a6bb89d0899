package dev.claudebottle.sidecar.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A restart of one daemon that the operator asks for. It is no death: the failure policy does not apply, and backoff and crash loop don't
 * count it. The daemon is stopped as in a stop of the bundle, its whole session within its grace, and started again at once.
 */
public final class RestartTransitions {

    private RestartTransitions() {}

    /**
     * Why this daemon can't be restarted now; empty: it can.
     *
     * @param name of one of the bundle's daemons
     */
    public static Optional<String> refusal(BundleState state, String name) {
        if (!(state.phase() instanceof Phase.Running)) {
            return Optional.of("the bundle is stopping");
        }
        DaemonStatus daemon = state.daemon(name);
        List<String> missing = StartTransitions.missingDependencies(state.daemons(), daemon);
        if (daemon.starts() == 0 && !missing.isEmpty()) {
            return Optional.of("it depends on " + String.join(", ", missing) + ", not ready so far");
        }
        return daemon.state() instanceof DaemonState.Waiting ? Optional.of("it is about to start") : Optional.empty();
    }

    static void requested(Transition transition, Event.RestartRequested request) {
        DaemonStatus daemon = transition.get(request.daemon());
        if (refusal(transition.state(), daemon.name()).isPresent() || isUnderWay(transition, daemon)) {
            return;
        }
        transition.say(OwnLine.info("restarting " + daemon.name() + " (asked for)")
                .about(daemon)
                .reports(Notification.Type.DAEMON_RESTARTING));
        switch (daemon.state()) {
            case DaemonState.Starting _, DaemonState.Running _ -> {
                transition.effect(new Effect.StopProbes(daemon.name()));
                StopTransitions.stopForRestart(
                        transition, daemon.with(daemon.gaps().openPlanned(transition.now())));
            }
            // its failed liveness probe has stopped it
            case DaemonState.Stopping stopping ->
                transition.put(daemon.in(
                        stopping.alive() || stopping.killedAt().isEmpty()
                                ? stopping.restarting()
                                : DaemonState.Backoff.over(transition.now(), daemon.session())));
            case DaemonState.Backoff backoff ->
                transition.put(daemon.in(DaemonState.Backoff.over(transition.now(), backoff.deadSession())));
            case DaemonState.Exited exited
            when exited.deadSession().isPresent() -> StopTransitions.stopForRestart(transition, daemon);
            case DaemonState.Exited _ ->
                transition.put(daemon.in(DaemonState.Backoff.over(transition.now(), OptionalInt.empty())));
            case DaemonState.Launching _, DaemonState.Waiting _ -> throw transition.impossible(request);
        }
        DaemonStatus restarting = transition.get(daemon.name());
        transition.publish(Notification.plannedRestart(transition.now(), restarting));
        StartTransitions.launchIfDue(transition, restarting);
    }

    /** It is started as soon as that can be. */
    private static boolean isUnderWay(Transition transition, DaemonStatus daemon) {
        return switch (daemon.state()) {
            case DaemonState.Launching _ -> true;
            case DaemonState.Stopping stopping -> stopping.restart();
            case DaemonState.Backoff backoff -> transition.now().reached(backoff.until());
            case DaemonState.Waiting _, DaemonState.Starting _, DaemonState.Running _, DaemonState.Exited _ -> false;
        };
    }

    /** Whether this daemon is being stopped, to be started again. */
    static boolean stops(Transition transition, String daemon) {
        return transition.isRunning() && transition.get(daemon).restartsWhenDown();
    }

    /**
     * The first process has ended; the rest of its session has the rest of its grace. If its failed liveness probe was the first to stop it,
     * that is a death all the same.
     */
    static void exited(Transition transition, Event.Exited exited) {
        DaemonStatus daemon = transition.get(exited.daemon());
        DaemonState.Stopping stopping = (DaemonState.Stopping) daemon.state();
        if (!stopping.alive()) {
            throw transition.impossible(exited);
        }
        DaemonStatus ended = DeathTransitions.ended(transition, daemon, exited);
        DaemonStatus counted = stopping.forLiveness() ? DeathTransitions.countDeath(transition, ended) : ended;
        OptionalInt left = exited.sessionLeft() ? OptionalInt.of(stopping.pid()) : OptionalInt.empty();
        DaemonStatus next = counted.in(
                left.isPresent() && stopping.killedAt().isEmpty()
                        ? stopping.dead()
                        : DaemonState.Backoff.over(transition.now(), left));
        OwnLine.Level level = stopping.forLiveness() ? OwnLine.Level.WARNING : DeathTransitions.levelInStop(ended);
        DeathTransitions.sayAfterLastWords(
                transition, daemon, DeathTransitions.exitLine(ended).at(level));
        transition.put(next);
        transition.publish(Notification.exited(transition.now(), next, !stopping.forLiveness()));
        DeathTransitions.reportCrashLoop(transition, next, next.crashLooping() && !ended.crashLooping());
        StartTransitions.launchIfDue(transition, next);
    }

    static void sessionEmptied(Transition transition, Event.SessionEmptied emptied) {
        DaemonStatus daemon = transition.get(emptied.daemon());
        if (((DaemonState.Stopping) daemon.state()).alive()) {
            throw transition.impossible(emptied);
        }
        DaemonStatus due = daemon.in(DaemonState.Backoff.over(transition.now(), OptionalInt.empty()));
        transition.put(due);
        StartTransitions.launchIfDue(transition, due);
    }
}
