package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.time.Duration;
import java.util.OptionalLong;

/** The times of a stop. */
final class StopRules {

    /** A second TERM or INT this long after the first means: SIGKILL now. Sooner it is the same request, doubled. */
    static final Duration SECOND_SIGNAL = Duration.ofSeconds(1);

    /** After SIGKILL only the kernel can hold a process; we leave without it. */
    static final Duration GIVE_UP = Duration.ofMillis(500);

    private StopRules() {}

    static OptionalLong deadline(BundleState state) {
        return state.phase() instanceof Phase.Stopping phase
                ? state.daemons().stream()
                        .filter(daemon -> daemon.state() instanceof DaemonState.Stopping)
                        .mapToLong(daemon -> due(state, phase, daemon))
                        .min()
                : OptionalLong.empty();
    }

    /** When the next thing happens to a stopping daemon that does not go down: its SIGKILL, then our giving up. */
    static long due(BundleState state, Phase.Stopping phase, DaemonStatus daemon) {
        DaemonState.Stopping stopping = (DaemonState.Stopping) daemon.state();
        if (stopping.killedAt().isPresent()) {
            return stopping.killedAt().getAsLong() + GIVE_UP.toNanos();
        }
        return Math.min(ownGraceEnd(state, daemon), graceEnd(state, phase));
    }

    /** The grace that ends first: its own, or, when it got its stop signal late, the bundle's. */
    static TimeSpan grace(BundleState state, Phase.Stopping phase, DaemonStatus daemon) {
        return ownGraceEnd(state, daemon) <= graceEnd(state, phase)
                ? state.bundle().stopGracePeriodOf(daemon.daemon())
                : state.bundle().stopGracePeriod();
    }

    static long graceEnd(BundleState state, Phase.Stopping phase) {
        return phase.since() + state.bundle().stopGracePeriod().duration().toNanos();
    }

    private static long ownGraceEnd(BundleState state, DaemonStatus daemon) {
        DaemonState.Stopping stopping = (DaemonState.Stopping) daemon.state();
        return stopping.signalledAt()
                + state.bundle().stopGracePeriodOf(daemon.daemon()).duration().toNanos();
    }

    /** What this end adds to the bundle's exit code. An end that obeys the stop is no failure. */
    static int exitCode(DaemonStatus daemon, ExitStatus status) {
        boolean obeyed = switch (daemon.state()) {
            case DaemonState.Stopping stopping ->
                obeyed(daemon, status, stopping.killedAt().isPresent());
            // given up, after our KILL
            case DaemonState.Exited _ -> obeyed(daemon, status, true);
            case DaemonState.Waiting _, DaemonState.Starting _, DaemonState.Running _ -> false;
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
