package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Word;

/** Why a start of a daemon ended: the word of {@code /status}, events and metrics. */
public enum ExitReason implements Word {
    /** By itself, with an exit code. */
    EXIT,
    /** By a signal, ours in a stop or a restart included. */
    SIGNAL,
    /** It could not be started. */
    START,
    /** We stopped it because its liveness probe had failed, however it ended then, and even if a stop of the bundle began meanwhile. */
    LIVENESS;

    /** @param state in which its first process ended */
    static ExitReason of(DaemonState state, ExitStatus status) {
        if (state instanceof DaemonState.Stopping stopping && stopping.forLiveness()) {
            return LIVENESS;
        }
        return switch (status) {
            case ExitStatus.Code _ -> EXIT;
            case ExitStatus.Killed _ -> SIGNAL;
        };
    }
}
