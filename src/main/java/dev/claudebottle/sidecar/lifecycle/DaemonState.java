package dev.claudebottle.sidecar.lifecycle;

import java.time.Instant;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Where one daemon is.
 *
 * <pre>
 *   Waiting ──▶ Launching ──Started──▶ Starting ◀──readiness──▶ Running
 *                ▲     │                   │                       │
 *         delay  │     └──StartFailed──┐   ├─────── Exited ────────┤
 *         over   │                     ▼   ▼                       │ stop signal: a stop,
 *              Backoff ◀──restart── a death, and its policy        ▼ or a failed liveness
 *                                      │            ▲           Stopping
 *                                      ▼            └──liveness─── │
 *                                   Exited ◀─────────down──────────┘
 * </pre>
 */
public sealed interface DaemonState {

    /** Not started yet; perhaps what it depends on has not been ready yet. */
    record Waiting() implements DaemonState {}

    /** {@link Effect.Start} is out, its answer is not here yet. */
    record Launching() implements DaemonState {}

    /**
     * It runs, and is not ready.
     *
     * @param wasReady this start has been ready before
     */
    record Starting(int pid, Instant startedAt, boolean wasReady) implements DaemonState {}

    /**
     * It runs, and is ready.
     *
     * @param readySince monotonic
     */
    record Running(int pid, Instant startedAt, long readySince) implements DaemonState {}

    /**
     * Dead, and will be started again.
     *
     * @param until when, monotonic
     * @param nextStartAt the same, for people
     * @param deadGroup the group of the dead start while processes of it, which have got SIGKILL, are left
     */
    record Backoff(long until, Instant nextStartAt, OptionalInt deadGroup) implements DaemonState {

        Backoff groupEmptied() {
            return new Backoff(until, nextStartAt, OptionalInt.empty());
        }

        /** When it is to be started; a group that SIGKILL does not end can't hold that up for ever. */
        long due() {
            return deadGroup.isEmpty() ? until : until + StopRules.GIVE_UP.toNanos();
        }
    }

    /**
     * It has got its stop signal.
     *
     * @param alive its first process has not died yet; if it has, others of its group are left
     * @param signalledAt monotonic
     * @param killedAt when it got our SIGKILL, monotonic; empty: not yet
     * @param forLiveness because it failed its liveness probe, not because the bundle stops
     */
    record Stopping(
            int pid, Instant startedAt, boolean alive, long signalledAt, OptionalLong killedAt, boolean forLiveness)
            implements DaemonState {

        Stopping killed(Moment now) {
            return new Stopping(pid, startedAt, alive, signalledAt, OptionalLong.of(now.nanos()), forLiveness);
        }

        Stopping dead() {
            return new Stopping(pid, startedAt, false, signalledAt, killedAt, forLiveness);
        }
    }

    /** Down, and will not be started again. */
    record Exited() implements DaemonState {}

    /** The word of logs, {@code /status}, events and metrics. */
    default String word() {
        return switch (this) {
            case Waiting _ -> "waiting";
            case Launching _, Starting _ -> "starting";
            case Running _ -> "running";
            case Backoff _ -> "backoff";
            case Stopping _ -> "stopping";
            case Exited _ -> "exited";
        };
    }
}
