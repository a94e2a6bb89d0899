package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.List;

/** What the end of a daemon adds to the bundle's exit code, and the bundle's exit code itself. */
final class ExitCodes {

    private ExitCodes() {}

    /** The cause's code after a teardown, otherwise the highest. */
    static int ofBundle(Phase phase, List<DaemonStatus> daemons) {
        int highest = daemons.stream().mapToInt(DaemonStatus::exitCode).max().orElse(0);
        return phase instanceof Phase.Stopping stopping
                ? stopping.teardownCode().orElse(highest)
                : highest;
    }

    /** @param daemon in the state in which its first process ended */
    static int ofDaemon(Phase phase, DaemonStatus daemon, ExitStatus status) {
        return obeyedStop(phase, daemon, status) ? 0 : status.number();
    }

    private static boolean obeyedStop(Phase phase, DaemonStatus daemon, ExitStatus status) {
        Signal stopSignal = daemon.daemon().stopSignal();
        return switch (daemon.state()) {
            case DaemonState.Stopping stopping ->
                !stopping.forLiveness()
                        && obeyed(status, stopSignal, stopping.killedAt().isPresent());
            // given up after our SIGKILL
            case DaemonState.Exited _ -> obeyed(status, stopSignal, true);
            // another process sent the stop signal before we did
            case DaemonState.Starting _, DaemonState.Running _ ->
                phase instanceof Phase.Stopping && obeyed(status, stopSignal, false);
            case DaemonState.Waiting _, DaemonState.Launching _, DaemonState.Backoff _ -> false;
        };
    }

    private static boolean obeyed(ExitStatus status, Signal stopSignal, boolean killed) {
        return switch (status) {
            // a script exits like this when its child has obeyed
            case ExitStatus.Code(int code) -> code == 128 + stopSignal.number();
            case ExitStatus.Killed(Signal signal, boolean _) ->
                signal.equals(stopSignal) || signal.equals(Signal.KILL) && killed;
        };
    }
}
