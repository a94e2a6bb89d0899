package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** How the bundle, or one daemon, is stopped. */
final class StopTransitions {

    private StopTransitions() {}

    static void requested(Transition transition, Event.StopRequested request) {
        switch (transition.phase()) {
            case Phase.Running _ ->
                begin(
                        transition,
                        shuttingDown(request.signal().toString())
                                .signal(request.signal().toString()),
                        Phase.Stopping.requested(transition.now()));
            case Phase.Stopping stop
            when stop.firstSignal().isEmpty() -> transition.enter(stop.signalled(transition.now()));
            case Phase.Stopping stop -> {
                long sinceFirst = transition.now().nanos() - stop.firstSignal().getAsLong();
                if (sinceFirst >= Phase.Stopping.SECOND_SIGNAL.toNanos() && !stop.killing()) {
                    transition.enter(stop.startKilling());
                    stopAll(transition);
                    killRound(
                            transition,
                            OwnLine.warning(request.signal() + " again")
                                    .signal(request.signal().toString()),
                            stopping(transition));
                }
            }
            case Phase.Over _ -> throw transition.impossible(request);
        }
    }

    static void begin(Transition transition, OwnLine line, Phase.Stopping stop) {
        transition.enter(stop);
        transition.say(line.reports(Notification.Type.BUNDLE_STOPPING));
        transition.publish(Notification.Type.BUNDLE_STOPPING);
        for (DaemonStatus daemon : transition.daemons()) {
            switch (daemon.state()) {
                case DaemonState.Waiting _, DaemonState.Backoff _ -> transition.put(daemon.in(DaemonState.Exited.DOWN));
                case DaemonState.Starting _, DaemonState.Running _ ->
                    transition.effect(new Effect.StopProbes(daemon.name()));
                // stops when its start is answered
                case DaemonState.Launching _ -> {}
                // stops already, for its liveness or a restart
                case DaemonState.Stopping _ -> {}
                // a session that it left gets its stop signal in stopUnneeded
                case DaemonState.Exited _ -> {}
            }
        }
        stopUnneeded(transition);
    }

    static OwnLine shuttingDown(String reason) {
        return OwnLine.info("shutting down (" + reason + "); forwarding SIGTERM");
    }

    /** @param daemon launched before the stop began */
    static void startedDuringStop(Transition transition, Phase.Stopping stop, DaemonStatus daemon) {
        if (stop.killing()) {
            stop(transition, daemon);
            kill(transition, transition.get(daemon.name()));
        } else if (transition.now().reached(Deadlines.halfGrace(transition.bundle(), stop))) {
            stop(transition, daemon);
        } else {
            stopUnneeded(transition);
        }
    }

    /** Marks a daemon as down: it is not started again. */
    static void markDown(Transition transition, DaemonStatus daemon) {
        transition.put(daemon.in(DaemonState.Exited.DOWN));
        if (transition.phase() instanceof Phase.Stopping) {
            stopUnneeded(transition);
        }
    }

    /** Sends the stop signal to the daemon's session, or to the session that a dead daemon left. */
    static void stop(Transition transition, DaemonStatus daemon) {
        stop(transition, daemon, false, false);
    }

    static void stopForLiveness(Transition transition, DaemonStatus daemon) {
        stop(transition, daemon, true, false);
    }

    static void stopForRestart(Transition transition, DaemonStatus daemon) {
        stop(transition, daemon, false, true);
    }

    private static void stop(Transition transition, DaemonStatus daemon, boolean forLiveness, boolean restart) {
        int session = daemon.session().orElseThrow();
        transition.put(daemon.in(new DaemonState.Stopping(
                session, daemon.startedAt(), transition.now().nanos(), OptionalLong.empty(), forLiveness, restart)));
        transition.effect(
                new Effect.SignalSession(daemon.name(), daemon.daemon().stopSignal()));
        // a process that is suspended takes the stop signal only when it continues
        transition.effect(new Effect.SignalSession(daemon.name(), Signal.CONT));
    }

    /**
     * Moves every grace by a time in which we did not run: the daemons may have been suspended as well, and could not use it. A restart
     * that was due meanwhile is due now.
     */
    static void resumed(Transition transition, Event.Resumed resumed) {
        if (transition.phase() instanceof Phase.Stopping stop) {
            transition.enter(stop.later(resumed.pause()));
        }
        for (DaemonStatus daemon : stopping(transition)) {
            transition.put(daemon.in(((DaemonState.Stopping) daemon.state()).later(resumed.pause())));
        }
    }

    static void timePassed(Transition transition) {
        switch (transition.phase()) {
            case Phase.Running _ -> killOverdue(transition);
            case Phase.Stopping stop -> timePassed(transition, stop);
            case Phase.Over _ -> {}
        }
    }

    private static void timePassed(Transition transition, Phase.Stopping stop) {
        if (transition.now().reached(Deadlines.halfGrace(transition.bundle(), stop))) {
            stopAll(transition);
        }
        Map<String, List<DaemonStatus>> killsByGrace = new LinkedHashMap<>();
        for (DaemonStatus daemon : stopping(transition)) {
            DaemonState.Stopping stopping = (DaemonState.Stopping) daemon.state();
            if (!transition.now().reached(Deadlines.escalation(transition.bundle(), stop, daemon, stopping))) {
                continue;
            }
            if (stopping.killedAt().isPresent()) {
                transition.say(OwnLine.error("SIGKILL does not end " + daemon.name() + "; leaving without it")
                        .about(daemon));
                markDown(transition, daemon);
            } else {
                String grace = Deadlines.grace(transition.bundle(), stop, daemon, stopping)
                        .text();
                killsByGrace.computeIfAbsent(grace, _ -> new ArrayList<>()).add(daemon);
            }
        }
        killsByGrace.forEach((grace, targets) -> killRound(transition, elapsed(grace), targets));
        if (transition.now().reached(Deadlines.graceEnd(transition.bundle(), stop))) {
            transition.enter(stop.startKilling());
        }
    }

    /** Kills the daemons that are stopped for their liveness or a restart, and outlive their grace. */
    private static void killOverdue(Transition transition) {
        for (DaemonStatus daemon : stopping(transition)) {
            DaemonState.Stopping stopping = (DaemonState.Stopping) daemon.state();
            if (stopping.killedAt().isEmpty()
                    && transition.now().reached(Deadlines.ownGraceEnd(transition.bundle(), daemon, stopping))) {
                String grace =
                        transition.bundle().stopGracePeriodOf(daemon.daemon()).text();
                killRound(transition, elapsed(grace), List.of(daemon));
                if (stopping.restart() && !stopping.alive()) {
                    transition.put(daemon.in(DaemonState.Backoff.over(transition.now(), daemon.session())));
                }
            }
        }
    }

    /** Stops every daemon that no other daemon needs: all that depend on it are down. */
    private static void stopUnneeded(Transition transition) {
        for (DaemonStatus daemon : transition.daemons()) {
            if (awaitsStopSignal(daemon) && transition.daemons().stream().noneMatch(other -> needs(other, daemon))) {
                stop(transition, daemon);
            }
        }
    }

    private static void stopAll(Transition transition) {
        for (DaemonStatus daemon : transition.daemons()) {
            if (awaitsStopSignal(daemon)) {
                stop(transition, daemon);
            }
        }
    }

    private static boolean awaitsStopSignal(DaemonStatus daemon) {
        return switch (daemon.state()) {
            case DaemonState.Starting _, DaemonState.Running _ -> true;
            case DaemonState.Exited exited -> exited.deadSession().isPresent();
            case DaemonState.Waiting _, DaemonState.Launching _, DaemonState.Backoff _, DaemonState.Stopping _ -> false;
        };
    }

    private static boolean needs(DaemonStatus other, DaemonStatus daemon) {
        return !other.isDown() && other.daemon().dependsOn().contains(daemon.name());
    }

    private static List<DaemonStatus> stopping(Transition transition) {
        return transition.daemons().stream()
                .filter(daemon -> daemon.state() instanceof DaemonState.Stopping)
                .toList();
    }

    private static OwnLine elapsed(String grace) {
        return OwnLine.warning("grace (" + grace + ") elapsed");
    }

    private static void killRound(Transition transition, OwnLine reason, List<DaemonStatus> targets) {
        if (targets.isEmpty()) {
            return;
        }
        transition.say(reason.and("; SIGKILL on "
                + String.join(", ", targets.stream().map(DaemonStatus::name).toList())));
        targets.forEach(daemon -> kill(transition, daemon));
    }

    private static void kill(Transition transition, DaemonStatus daemon) {
        transition.put(daemon.in(((DaemonState.Stopping) daemon.state()).killed(transition.now())));
        transition.effect(new Effect.SignalSession(daemon.name(), Signal.KILL));
    }
}
