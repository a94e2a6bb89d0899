package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** How daemons are stopped, all of them or one. */
final class StopRules {

    /** A second TERM or INT this long after the first means: SIGKILL now. Sooner it is the same request, doubled. */
    static final Duration SECOND_SIGNAL = Duration.ofSeconds(1);

    /** After SIGKILL only the kernel can hold a process; we go on without it. */
    static final Duration GIVE_UP = Duration.ofMillis(500);

    private final Turn turn;

    StopRules(Turn turn) {
        this.turn = turn;
    }

    void requested(Event.StopRequested request) {
        switch (turn.phase) {
            case Phase.Running _ ->
                begin(
                        request.signal().toString(),
                        new Phase.Stopping(
                                turn.now.nanos(), OptionalLong.of(turn.now.nanos()), OptionalInt.empty(), false));
            case Phase.Stopping stopping
            when stopping.firstSignal().isEmpty() -> turn.phase = stopping.signalled(turn.now);
            case Phase.Stopping stopping -> {
                long sinceFirst = turn.now.nanos() - stopping.firstSignal().getAsLong();
                if (sinceFirst >= SECOND_SIGNAL.toNanos() && !stopping.killing()) {
                    turn.phase = stopping.startKilling();
                    signalAll();
                    killRound(request.signal() + " again", stopping());
                }
            }
            case Phase.Over _ -> throw turn.impossible(request);
        }
    }

    void begin(String reason, Phase.Stopping stopping) {
        turn.phase = stopping;
        turn.say("shutting down (" + reason + "); forwarding SIGTERM");
        turn.publish(Notice.ofBundle(Notice.Type.BUNDLE_STOPPING, turn.now));
        for (DaemonStatus daemon : turn.daemons()) {
            switch (daemon.state()) {
                case DaemonState.Waiting _, DaemonState.Backoff _ -> turn.put(daemon.in(DaemonState.Exited.DOWN));
                case DaemonState.Starting _, DaemonState.Running _ -> turn.effect(new Effect.StopProbes(daemon.name()));
                // Started is on its way, and stops it
                case DaemonState.Launching _ -> {}
                // for its liveness
                case DaemonState.Stopping _ -> {}
                // what it left has its turn below
                case DaemonState.Exited _ -> {}
            }
        }
        signalFree();
    }

    /** It was on its way when the stop began. */
    void startedLate(DaemonStatus daemon, Phase.Stopping stopping) {
        if (stopping.killing()) {
            stopFor(daemon, false);
            kill(turn.get(daemon.name()));
        } else if (turn.now.nanos() - Deadlines.halfGrace(turn.before, stopping) >= 0) {
            stopFor(daemon, false);
        } else {
            signalFree();
        }
    }

    /** It is down, and will not be started again. */
    void down(DaemonStatus daemon) {
        turn.put(daemon.in(DaemonState.Exited.DOWN));
        if (turn.phase instanceof Phase.Stopping) {
            signalFree();
        }
    }

    /** Sends its stop signal, to what is left of it where it is dead. */
    void stopFor(DaemonStatus daemon, boolean forLiveness) {
        int group = daemon.group().orElseThrow();
        turn.put(daemon.in(new DaemonState.Stopping(
                group, daemon.startedAt(), turn.now.nanos(), OptionalLong.empty(), forLiveness)));
        turn.effect(new Effect.SignalGroup(daemon.name(), daemon.daemon().stopSignal()));
        // a stopped process would sleep on its stop signal
        turn.effect(new Effect.SignalGroup(daemon.name(), Signal.CONT));
    }

    void timePassed() {
        switch (turn.phase) {
            case Phase.Running _ -> killTheUnhealthy();
            case Phase.Stopping stopping -> timePassed(stopping);
            case Phase.Over _ -> {}
        }
    }

    private void timePassed(Phase.Stopping stopping) {
        if (turn.now.nanos() - Deadlines.halfGrace(turn.before, stopping) >= 0) {
            signalAll();
        }
        Map<String, List<DaemonStatus>> killsByGrace = new LinkedHashMap<>();
        for (DaemonStatus daemon : stopping()) {
            DaemonState.Stopping state = (DaemonState.Stopping) daemon.state();
            if (turn.now.nanos() - Deadlines.due(turn.before, stopping, daemon, state) < 0) {
                continue;
            }
            if (state.killedAt().isPresent()) {
                turn.say("SIGKILL does not end " + daemon.name() + "; leaving without it");
                down(daemon);
            } else {
                String grace =
                        Deadlines.grace(turn.before, stopping, daemon, state).text();
                killsByGrace.computeIfAbsent(grace, text -> new ArrayList<>()).add(daemon);
            }
        }
        killsByGrace.forEach((grace, due) -> killRound("grace (" + grace + ") elapsed", due));
        if (turn.now.nanos() - Deadlines.graceEnd(turn.before, stopping) >= 0) {
            turn.phase = stopping.startKilling();
        }
    }

    /** Those that failed their liveness probe, and don't go. */
    private void killTheUnhealthy() {
        for (DaemonStatus daemon : stopping()) {
            DaemonState.Stopping state = (DaemonState.Stopping) daemon.state();
            if (state.killedAt().isEmpty()
                    && turn.now.nanos() - Deadlines.ownGraceEnd(turn.before, daemon, state) >= 0) {
                String grace = turn.bundle().stopGracePeriodOf(daemon.daemon()).text();
                killRound("grace (" + grace + ") elapsed", List.of(daemon));
            }
        }
    }

    /** Those on which nothing depends that is still up. */
    private void signalFree() {
        for (DaemonStatus daemon : turn.daemons()) {
            if (isUnsignalled(daemon) && turn.daemons().stream().noneMatch(other -> holds(other, daemon))) {
                stopFor(daemon, false);
            }
        }
    }

    private void signalAll() {
        turn.daemons().stream().filter(StopRules::isUnsignalled).forEach(daemon -> stopFor(daemon, false));
    }

    private static boolean isUnsignalled(DaemonStatus daemon) {
        return switch (daemon.state()) {
            case DaemonState.Starting _, DaemonState.Running _ -> true;
            case DaemonState.Exited exited -> exited.deadGroup().isPresent();
            case DaemonState.Waiting _, DaemonState.Launching _, DaemonState.Backoff _, DaemonState.Stopping _ -> false;
        };
    }

    private static boolean holds(DaemonStatus other, DaemonStatus daemon) {
        return !other.isDown() && other.daemon().dependsOn().contains(daemon.name());
    }

    private void killRound(String reason, List<DaemonStatus> targets) {
        if (targets.isEmpty()) {
            return;
        }
        turn.say(reason + "; SIGKILL on "
                + String.join(", ", targets.stream().map(DaemonStatus::name).toList()));
        targets.forEach(this::kill);
    }

    private void kill(DaemonStatus daemon) {
        turn.put(daemon.in(((DaemonState.Stopping) daemon.state()).killed(turn.now)));
        turn.effect(new Effect.SignalGroup(daemon.name(), Signal.KILL));
    }

    private List<DaemonStatus> stopping() {
        return turn.daemons().stream()
                .filter(daemon -> daemon.state() instanceof DaemonState.Stopping)
                .toList();
    }

    /** What this end adds to the bundle's exit code. An end that obeys the stop is no failure. */
    int exitCode(DaemonStatus daemon, ExitStatus status) {
        boolean obeyed = switch (daemon.state()) {
            case DaemonState.Stopping stopping ->
                !stopping.forLiveness()
                        && obeyed(daemon, status, stopping.killedAt().isPresent());
            // given up, after our KILL
            case DaemonState.Exited _ -> obeyed(daemon, status, true);
            // somebody else's signal came before ours
            case DaemonState.Starting _, DaemonState.Running _ ->
                turn.phase instanceof Phase.Stopping && obeyed(daemon, status, false);
            case DaemonState.Waiting _, DaemonState.Launching _, DaemonState.Backoff _ -> false;
        };
        return obeyed ? 0 : status.number();
    }

    private static boolean obeyed(DaemonStatus daemon, ExitStatus status, boolean killed) {
        Signal stopSignal = daemon.daemon().stopSignal();
        return switch (status) {
            // what a script does whose child obeyed
            case ExitStatus.Code(int code) -> code == 128 + stopSignal.number();
            case ExitStatus.Killed(Signal signal, boolean _) ->
                signal.equals(stopSignal) || signal.equals(Signal.KILL) && killed;
        };
    }
}
