package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one daemon does.
 *
 * <pre>
 *   Waiting ──▶ Launching ──Started──▶ Starting ◀──readiness──▶ Running
 *                ▲     │                   │                       │
 *         delay  │     └──StartFailed──┐   ├─────── Exited ────────┤
 *         over   │                     ▼   ▼                       │ stop signal: a stop,
 *              Backoff ◀──restart── a death, and its policy        ▼ a failed liveness, a restart
 *                                      │            ▲           Stopping
 *                                      ▼            └──liveness─── │ ▲
 *                                   Exited ◀─────────down──────────┘ │
 *                                      └──a stop, its session left─────┘
 * </pre>
 */
public sealed interface DaemonState {

    /**
     * Not started yet, perhaps because a dependency has not been ready yet.
     *
     * @param reminder when it is said what it waits for; empty: the bundle has not begun, or it waits for no dependency
     */
    record Waiting(Optional<Reminder> reminder) implements DaemonState {}

    /** {@link Effect.Start} is out and not answered yet. */
    record Launching() implements DaemonState {}

    /**
     * It runs and is not ready.
     *
     * @param reminder when it is said that it is not ready yet; empty: this start has been ready before
     */
    record Starting(int pid, Instant startedAt, Optional<Reminder> reminder) implements DaemonState {

        boolean wasReady() {
            return reminder.isEmpty();
        }
    }

    /**
     * It runs and is ready.
     *
     * @param readySince monotonic
     */
    record Running(int pid, Instant startedAt, long readySince) implements DaemonState {}

    /**
     * It is dead and will be started again.
     *
     * @param until the end of the delay, monotonic
     * @param nextStartAt the same time in UTC
     * @param deadSession the session of the dead start, which has got SIGKILL, until it is empty
     */
    record Backoff(long until, Instant nextStartAt, OptionalInt deadSession) implements DaemonState {

        /** The next start is due. */
        static Backoff over(Timestamp now, OptionalInt deadSession) {
            return new Backoff(now.nanos(), now.utc(), deadSession);
        }

        Backoff sessionEmptied() {
            return new Backoff(until, nextStartAt, OptionalInt.empty());
        }
    }

    /**
     * Its session has got its stop signal.
     *
     * @param pid of its first process, and the number of its session
     * @param startedAt when its first process started; empty: that is dead, and other processes of the session are left
     * @param signalledAt when it got the stop signal, monotonic; later by each pause of us
     * @param killedAt when it got our SIGKILL, monotonic; later by each pause of us; empty: it has not
     * @param forLiveness the cause is its liveness probe; false: the bundle stops, or the operator restarts it
     * @param restart the operator has asked for a restart: it is started again when it is down, unless the bundle stops
     */
    record Stopping(
            int pid,
            Optional<Instant> startedAt,
            long signalledAt,
            OptionalLong killedAt,
            boolean forLiveness,
            boolean restart)
            implements DaemonState {

        boolean alive() {
            return startedAt.isPresent();
        }

        /** A second SIGKILL gives it no more time than the first. */
        Stopping killed(Timestamp now) {
            return killedAt.isPresent()
                    ? this
                    : new Stopping(pid, startedAt, signalledAt, OptionalLong.of(now.nanos()), forLiveness, restart);
        }

        Stopping later(Duration pause) {
            OptionalLong killed = killedAt.isPresent()
                    ? OptionalLong.of(killedAt.getAsLong() + pause.toNanos())
                    : OptionalLong.empty();
            return new Stopping(pid, startedAt, signalledAt + pause.toNanos(), killed, forLiveness, restart);
        }

        Stopping dead() {
            return new Stopping(pid, Optional.empty(), signalledAt, killedAt, forLiveness, restart);
        }

        Stopping restarting() {
            return new Stopping(pid, startedAt, signalledAt, killedAt, forLiveness, true);
        }
    }

    /**
     * It is dead and will not be started again.
     *
     * @param deadSession its session until that is empty; nothing signals the session before the bundle stops
     */
    record Exited(OptionalInt deadSession) implements DaemonState {

        /** No process is left, or we have given it up. */
        static final Exited DOWN = new Exited(OptionalInt.empty());
    }

    /** The word that logs, {@code /status}, events and metrics use. */
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
