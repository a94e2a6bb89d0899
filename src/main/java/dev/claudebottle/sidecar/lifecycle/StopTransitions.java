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
final class StopTransitions {

    /** A second TERM or INT this long after the first means: SIGKILL now. Sooner it is the same request, doubled. */
    static final Duration SECOND_SIGNAL = Duration.ofSeconds(1);

    /** After SIGKILL only the kernel can hold a process; we go on without it. */
    static final Duration GIVE_UP = Duration.ofMillis(500);

    private final Transition transition;

    StopTransitions(Transition transition) {
        this.transition = transition;
    }

    void requested(Event.StopRequested request) {
        switch (transition.phase) {
            case Phase.Running _ ->
                begin(
                        request.signal().toString(),
                        new Phase.Stopping(
                                transition.now.nanos(),
                                OptionalLong.of(transition.now.nanos()),
                                OptionalInt.empty(),
                                false));
            case Phase.Stopping stopping
            when stopping.firstSignal().isEmpty() -> transition.phase = stopping.signalled(transition.now);
            case Phase.Stopping stopping -> {
                long sinceFirst =
                        transition.now.nanos() - stopping.firstSignal().getAsLong();
                if (sinceFirst >= SECOND_SIGNAL.toNanos() && !stopping.killing()) {
                    transition.phase = stopping.startKilling();
                    signalAll();
                    killRound(request.signal() + " again", stopping());
                }
            }
            case Phase.Over _ -> throw transition.impossible(request);
        }
    }

    void begin(String reason, Phase.Stopping stopping) {
        transition.phase = stopping;
        transition.say("shutting down (" + reason + "); forwarding SIGTERM");
        transition.publish(Notification.ofBundle(Notification.Type.BUNDLE_STOPPING, transition.now));
        for (DaemonStatus daemon : transition.daemons()) {
            switch (daemon.state()) {
                case DaemonState.Waiting _, DaemonState.Backoff _ -> transition.put(daemon.in(DaemonState.Exited.DOWN));
                case DaemonState.Starting _, DaemonState.Running _ ->
                    transition.effect(new Effect.StopProbes(daemon.name()));
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
            kill(transition.get(daemon.name()));
        } else if (transition.now.nanos() - Deadlines.halfGrace(transition.before, stopping) >= 0) {
            stopFor(daemon, false);
        } else {
            signalFree();
        }
    }

    /** It is down, and will not be started again. */
    void down(DaemonStatus daemon) {
        transition.put(daemon.in(DaemonState.Exited.DOWN));
        if (transition.phase instanceof Phase.Stopping) {
            signalFree();
        }
    }

    /** Sends its stop signal, to what is left of it where it is dead. */
    void stopFor(DaemonStatus daemon, boolean forLiveness) {
        int group = daemon.group().orElseThrow();
        transition.put(daemon.in(new DaemonState.Stopping(
                group, daemon.startedAt(), transition.now.nanos(), OptionalLong.empty(), forLiveness)));
        transition.effect(new Effect.SignalGroup(daemon.name(), daemon.daemon().stopSignal()));
        // a stopped process would sleep on its stop signal
        transition.effect(new Effect.SignalGroup(daemon.name(), Signal.CONT));
    }

    void timePassed() {
        switch (transition.phase) {
            case Phase.Running _ -> killTheUnhealthy();
            case Phase.Stopping stopping -> timePassed(stopping);
            case Phase.Over _ -> {}
        }
    }

    private void timePassed(Phase.Stopping stopping) {
        if (transition.now.nanos() - Deadlines.halfGrace(transition.before, stopping) >= 0) {
            signalAll();
        }
        Map<String, List<DaemonStatus>> killsByGrace = new LinkedHashMap<>();
        for (DaemonStatus daemon : stopping()) {
            DaemonState.Stopping state = (DaemonState.Stopping) daemon.state();
            if (transition.now.nanos() - Deadlines.due(transition.before, stopping, daemon, state) < 0) {
                continue;
            }
            if (state.killedAt().isPresent()) {
                transition.say("SIGKILL does not end " + daemon.name() + "; leaving without it");
                down(daemon);
            } else {
                String grace = Deadlines.grace(transition.before, stopping, daemon, state)
                        .text();
                killsByGrace.computeIfAbsent(grace, text -> new ArrayList<>()).add(daemon);
            }
        }
        killsByGrace.forEach((grace, due) -> killRound("grace (" + grace + ") elapsed", due));
        if (transition.now.nanos() - Deadlines.graceEnd(transition.before, stopping) >= 0) {
            transition.phase = stopping.startKilling();
        }
    }

    /** Those that failed their liveness probe, and don't go. */
    private void killTheUnhealthy() {
        for (DaemonStatus daemon : stopping()) {
            DaemonState.Stopping state = (DaemonState.Stopping) daemon.state();
            if (state.killedAt().isEmpty()
                    && transition.now.nanos() - Deadlines.ownGraceEnd(transition.before, daemon, state) >= 0) {
                String grace =
                        transition.bundle().stopGracePeriodOf(daemon.daemon()).text();
                killRound("grace (" + grace + ") elapsed", List.of(daemon));
            }
        }
    }

    /** Those on which nothing depends that is still up. */
    private void signalFree() {
        for (DaemonStatus daemon : transition.daemons()) {
            if (isUnsignalled(daemon) && transition.daemons().stream().noneMatch(other -> holds(other, daemon))) {
                stopFor(daemon, false);
            }
        }
    }

    private void signalAll() {
        transition.daemons().stream().filter(StopTransitions::isUnsignalled).forEach(daemon -> stopFor(daemon, false));
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
        transition.say(reason + "; SIGKILL on "
                + String.join(", ", targets.stream().map(DaemonStatus::name).toList()));
        targets.forEach(this::kill);
    }

    private void kill(DaemonStatus daemon) {
        transition.put(daemon.in(((DaemonState.Stopping) daemon.state()).killed(transition.now)));
        transition.effect(new Effect.SignalGroup(daemon.name(), Signal.KILL));
    }

    private List<DaemonStatus> stopping() {
        return transition.daemons().stream()
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
                transition.phase instanceof Phase.Stopping && obeyed(daemon, status, false);
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
