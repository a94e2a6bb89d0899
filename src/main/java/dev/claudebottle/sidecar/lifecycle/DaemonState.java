package dev.claudebottle.sidecar.lifecycle;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * Where one daemon is.
 *
 * <pre>
 *   Waiting ──Start──▶ Starting ──Started──▶ Running ──Exited──▶ Exited
 *      │                  │                     │                  ▲
 *      │                  └──StartFailed────────┼──────────────────┤
 *      │                                      stop                 │
 *      │                                        ▼                  │
 *      └──stop──▶ Exited                     Stopping ──down───────┘
 * </pre>
 */
public sealed interface DaemonState {

    /** Not started yet. */
    record Waiting() implements DaemonState {}

    /** {@link Effect.Start} is out, its answer is not here yet. */
    record Starting() implements DaemonState {}

    /** It runs, and is ready. */
    record Running(int pid, Instant startedAt) implements DaemonState {}

    /**
     * It has got its stop signal.
     *
     * @param alive its first process has not died yet; if it has, others of its group are left
     * @param signalledAt monotonic
     * @param killedAt when it got our SIGKILL, monotonic; empty: not yet
     */
    record Stopping(int pid, Instant startedAt, boolean alive, long signalledAt, OptionalLong killedAt)
            implements DaemonState {

        Stopping killed(Moment now) {
            return new Stopping(pid, startedAt, alive, signalledAt, OptionalLong.of(now.nanos()));
        }

        Stopping dead() {
            return new Stopping(pid, startedAt, false, signalledAt, killedAt);
        }
    }

    /** Down, and will not be started again. */
    record Exited() implements DaemonState {}

    /** The word of logs, {@code /status}, events and metrics. */
    default String word() {
        return switch (this) {
            case Waiting _ -> "waiting";
            case Starting _ -> "starting";
            case Running _ -> "running";
            case Stopping _ -> "stopping";
            case Exited _ -> "exited";
        };
    }
}
