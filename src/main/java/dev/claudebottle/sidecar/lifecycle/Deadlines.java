package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.OptionalLong;

/** What waits for time, and until when. All times are monotonic. */
final class Deadlines {

    private Deadlines() {}

    /** The earliest; empty: nothing waits for time, and nothing wakes up. */
    static OptionalLong next(BundleState state) {
        return state.daemons().stream()
                .flatMapToLong(daemon -> of(state, daemon).stream())
                .min();
    }

    static OptionalLong of(BundleState state, DaemonStatus daemon) {
        return switch (state.phase()) {
            case Phase.Running _ -> whileRunning(state, daemon);
            case Phase.Stopping phase -> whileStopping(state, phase, daemon);
            case Phase.Over _ -> OptionalLong.empty();
        };
    }

    private static OptionalLong whileRunning(BundleState state, DaemonStatus daemon) {
        return switch (daemon.state()) {
            case DaemonState.Backoff backoff -> OptionalLong.of(backoff.due());
            case DaemonState.Stopping stopping
            when stopping.killedAt().isEmpty() -> OptionalLong.of(ownGraceEnd(state, daemon, stopping));
            case DaemonState.Running running
            when daemon.restartHistory().canReset() -> OptionalLong.of(stableAt(state, running));
            case DaemonState.Waiting _,
                    DaemonState.Launching _,
                    DaemonState.Starting _,
                    DaemonState.Running _,
                    DaemonState.Stopping _,
                    DaemonState.Exited _ -> OptionalLong.empty();
        };
    }

    private static OptionalLong whileStopping(BundleState state, Phase.Stopping phase, DaemonStatus daemon) {
        return switch (daemon.state()) {
            case DaemonState.Stopping stopping -> OptionalLong.of(due(state, phase, daemon, stopping));
            case DaemonState.Starting _, DaemonState.Running _ -> OptionalLong.of(halfGrace(state, phase));
            case DaemonState.Exited exited
            when exited.deadGroup().isPresent() -> OptionalLong.of(halfGrace(state, phase));
            case DaemonState.Waiting _, DaemonState.Launching _, DaemonState.Backoff _, DaemonState.Exited _ ->
                OptionalLong.empty();
        };
    }

    /** When the next thing happens to a stopping daemon that does not go down: its SIGKILL, then our giving up. */
    static long due(BundleState state, Phase.Stopping phase, DaemonStatus daemon, DaemonState.Stopping stopping) {
        return stopping.killedAt().isPresent()
                ? stopping.killedAt().getAsLong() + StopTransitions.GIVE_UP.toNanos()
                : Math.min(ownGraceEnd(state, daemon, stopping), graceEnd(state, phase));
    }

    /** The grace that ends first: its own, or, when it got its stop signal late, the bundle's. */
    static TimeSpan grace(BundleState state, Phase.Stopping phase, DaemonStatus daemon, DaemonState.Stopping stopping) {
        return ownGraceEnd(state, daemon, stopping) <= graceEnd(state, phase)
                ? state.bundle().stopGracePeriodOf(daemon.daemon())
                : state.bundle().stopGracePeriod();
    }

    static long graceEnd(BundleState state, Phase.Stopping phase) {
        return phase.since() + state.bundle().stopGracePeriod().duration().toNanos();
    }

    /** So long a daemon may wait for those that depend on it. */
    static long halfGrace(BundleState state, Phase.Stopping phase) {
        return phase.since() + state.bundle().stopGracePeriod().duration().toNanos() / 2;
    }

    static long ownGraceEnd(BundleState state, DaemonStatus daemon, DaemonState.Stopping stopping) {
        return stopping.signalledAt()
                + state.bundle().stopGracePeriodOf(daemon.daemon()).duration().toNanos();
    }

    /** When it will have been ready for so long that its deaths are forgotten. */
    static long stableAt(BundleState state, DaemonState.Running running) {
        return running.readySince()
                + state.bundle().restart().resetAfter().duration().toNanos();
    }
}
