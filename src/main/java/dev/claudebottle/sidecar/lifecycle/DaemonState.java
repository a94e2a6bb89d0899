package dev.claudebottle.sidecar.lifecycle;

import java.time.Instant;
import java.util.Optional;
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
 *                                      ▼            └──liveness─── │ ▲
 *                                   Exited ◀─────────down──────────┘ │
 *                                      └──a stop, its group left─────┘
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
    }

    /**
     * It has got its stop signal, or what it left has.
     *
     * @param pid of its first process, and the number of its group
     * @param startedAt of its first process, while that lives; empty: others of its group are left
     * @param signalledAt monotonic
     * @param killedAt when it got our SIGKILL, monotonic; empty: not yet
     * @param forLiveness because it failed its liveness probe, not because the bundle stops
     */
    record Stopping(int pid, Optional<Instant> startedAt, long signalledAt, OptionalLong killedAt, boolean forLiveness)
            implements DaemonState {

        boolean alive() {
            return startedAt.isPresent();
        }

        Stopping killed(Timestamp now) {
            return new Stopping(pid, startedAt, signalledAt, OptionalLong.of(now.nanos()), forLiveness);
        }

        Stopping dead() {
            return new Stopping(pid, Optional.empty(), signalledAt, killedAt, forLiveness);
        }
    }

    /**
     * Dead, and will not be started again.
     *
     * @param deadGroup its group while processes of it are left: left alone until a stop, which ends them as all others
     */
    record Exited(OptionalInt deadGroup) implements DaemonState {

        /** Nothing is left; or we have given it up. */
        static final Exited DOWN = new Exited(OptionalInt.empty());
    }

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
