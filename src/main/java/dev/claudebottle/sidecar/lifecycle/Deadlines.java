package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** When the state machine has to act without another event. All times are monotonic. */
final class Deadlines {

    /** How long a process may survive our SIGKILL, which only the kernel can delay, until we go on without it. */
    private static final Duration GIVE_UP = Duration.ofMillis(500);

    private Deadlines() {}

    /** The earliest deadline of all daemons; empty: none has one. */
    static OptionalLong earliest(Bundle bundle, Phase phase, List<DaemonStatus> daemons) {
        return switch (phase) {
            case Phase.Running _ -> earliest(daemons, daemon -> whileRunning(bundle, daemon));
            case Phase.Stopping stop -> earliest(daemons, daemon -> whileStopping(bundle, stop, daemon));
            case Phase.Over _ -> OptionalLong.empty();
        };
    }

    private static OptionalLong earliest(List<DaemonStatus> daemons, Function<DaemonStatus, OptionalLong> deadlineOf) {
        OptionalLong earliest = OptionalLong.empty();
        for (DaemonStatus daemon : daemons) {
            OptionalLong deadline = deadlineOf.apply(daemon);
            if (deadline.isPresent() && (earliest.isEmpty() || deadline.getAsLong() < earliest.getAsLong())) {
                earliest = deadline;
            }
        }
        return earliest;
    }

    private static OptionalLong whileRunning(Bundle bundle, DaemonStatus daemon) {
        return switch (daemon.state()) {
            case DaemonState.Backoff _ when daemon.history().outputHeld() -> OptionalLong.empty();
            case DaemonState.Backoff backoff -> OptionalLong.of(restart(backoff));
            case DaemonState.Stopping stopping
            when stopping.killedAt().isEmpty() -> OptionalLong.of(ownGraceEnd(bundle, daemon, stopping));
            case DaemonState.Running running
            when daemon.restartHistory().canReset() -> OptionalLong.of(reset(bundle, daemon, running));
            case DaemonState.Waiting waiting -> due(waiting.reminder());
            case DaemonState.Starting starting -> due(starting.reminder());
            case DaemonState.Launching _, DaemonState.Running _, DaemonState.Stopping _, DaemonState.Exited _ ->
                OptionalLong.empty();
        };
    }

    private static OptionalLong due(Optional<Reminder> reminder) {
        return reminder.isPresent() ? OptionalLong.of(reminder.get().due()) : OptionalLong.empty();
    }

    private static OptionalLong whileStopping(Bundle bundle, Phase.Stopping stop, DaemonStatus daemon) {
        return switch (daemon.state()) {
            case DaemonState.Stopping stopping -> OptionalLong.of(escalation(bundle, stop, daemon, stopping));
            case DaemonState.Starting _, DaemonState.Running _ -> OptionalLong.of(halfGrace(bundle, stop));
            case DaemonState.Exited exited
            when exited.deadSession().isPresent() -> OptionalLong.of(halfGrace(bundle, stop));
            case DaemonState.Waiting _, DaemonState.Launching _, DaemonState.Backoff _, DaemonState.Exited _ ->
                OptionalLong.empty();
        };
    }

    /** When the next start is due; a dead session that SIGKILL does not end delays it, but not for ever. */
    static long restart(DaemonState.Backoff backoff) {
        return backoff.deadSession().isEmpty() ? backoff.until() : backoff.until() + GIVE_UP.toNanos();
    }

    /** When the daemon has been ready long enough to reset its restart history. */
    static long reset(Bundle bundle, DaemonStatus daemon, DaemonState.Running running) {
        return running.readySince() + nanos(bundle.restartOf(daemon.daemon()).resetAfter());
    }

    /** When we escalate against a daemon that does not go down: first with SIGKILL, then by giving it up. */
    static long escalation(Bundle bundle, Phase.Stopping stop, DaemonStatus daemon, DaemonState.Stopping stopping) {
        return stopping.killedAt().isPresent()
                ? stopping.killedAt().getAsLong() + GIVE_UP.toNanos()
                : Math.min(ownGraceEnd(bundle, daemon, stopping), graceEnd(bundle, stop));
    }

    /** The grace that ends first: the daemon's own, or the bundle's if the daemon got its stop signal late. */
    static TimeSpan grace(Bundle bundle, Phase.Stopping stop, DaemonStatus daemon, DaemonState.Stopping stopping) {
        return ownGraceEnd(bundle, daemon, stopping) <= graceEnd(bundle, stop)
                ? bundle.stopGracePeriodOf(daemon.daemon())
                : bundle.stopGracePeriod();
    }

    static long graceEnd(Bundle bundle, Phase.Stopping stop) {
        return stop.since() + nanos(bundle.stopGracePeriod());
    }

    /** Until then the stop signal of a daemon waits for the daemons that depend on it. */
    static long halfGrace(Bundle bundle, Phase.Stopping stop) {
        return stop.since() + nanos(bundle.stopGracePeriod()) / 2;
    }

    static long ownGraceEnd(Bundle bundle, DaemonStatus daemon, DaemonState.Stopping stopping) {
        return stopping.signalledAt() + nanos(bundle.stopGracePeriodOf(daemon.daemon()));
    }

    private static long nanos(TimeSpan span) {
        return span.duration().toNanos();
    }
}
