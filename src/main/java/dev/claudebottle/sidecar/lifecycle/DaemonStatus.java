package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Daemon;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that is known about one daemon.
 *
 * @param probeHistory of the latest start
 * @param history of all starts
 */
public record DaemonStatus(Daemon daemon, DaemonState state, ProbeHistory probeHistory, DaemonHistory history) {

    static DaemonStatus initial(Daemon daemon) {
        return new DaemonStatus(
                daemon, new DaemonState.Waiting(Optional.empty()), ProbeHistory.NONE, DaemonHistory.NONE);
    }

    public String name() {
        return daemon.name();
    }

    public boolean ready() {
        return state instanceof DaemonState.Running;
    }

    /** It dies again and again; true until the reset of its restart history. */
    public boolean crashLooping() {
        return restartHistory().crashLooping();
    }

    /** What the daemon's health check reports. */
    public boolean healthy() {
        return ready() && !crashLooping();
    }

    /** Launches so far, failed ones included. */
    public int starts() {
        return history.starts();
    }

    public int restarts() {
        return Math.max(0, starts() - 1);
    }

    /** It has been ready at least once. */
    public boolean everReady() {
        return history.everReady();
    }

    /** Empty before the first end. */
    public Optional<LastExit> lastExit() {
        return history.exits().last();
    }

    /** What its latest end adds to the bundle's exit code. */
    public int exitCode() {
        return history.exits().code();
    }

    public DeathCounts deaths() {
        return history.exits().deaths();
    }

    public Gaps gaps() {
        return history.gaps();
    }

    /** The last answer of a probe of its latest start; empty: there is none yet, or no such probe. */
    public Optional<ProbeAnswer> lastAnswer(ProbeKind kind) {
        return probeHistory.of(kind).last();
    }

    /** Why its latest start is not ready, in a few words. */
    public String unreadyCause() {
        return lastAnswer(ProbeKind.READINESS)
                .flatMap(ProbeAnswer::failure)
                .orElse("its readiness probe has not been answered");
    }

    RestartHistory restartHistory() {
        return history.restarts();
    }

    /** Its first process while that lives. */
    public OptionalInt pid() {
        return switch (state) {
            case DaemonState.Starting starting -> OptionalInt.of(starting.pid());
            case DaemonState.Running running -> OptionalInt.of(running.pid());
            case DaemonState.Stopping stopping when stopping.alive() -> OptionalInt.of(stopping.pid());
            case DaemonState.Waiting _,
                    DaemonState.Launching _,
                    DaemonState.Backoff _,
                    DaemonState.Stopping _,
                    DaemonState.Exited _ -> OptionalInt.empty();
        };
    }

    /** When the process {@link #pid()} started. */
    public Optional<Instant> startedAt() {
        return switch (state) {
            case DaemonState.Starting starting -> Optional.of(starting.startedAt());
            case DaemonState.Running running -> Optional.of(running.startedAt());
            case DaemonState.Stopping stopping -> stopping.startedAt();
            case DaemonState.Waiting _, DaemonState.Launching _, DaemonState.Backoff _, DaemonState.Exited _ ->
                Optional.empty();
        };
    }

    public Optional<Instant> nextStartAt() {
        return state instanceof DaemonState.Backoff backoff ? Optional.of(backoff.nextStartAt()) : Optional.empty();
    }

    /** The session that has to be checked, because no exit of a child shows that it is empty. */
    public OptionalInt sessionToWatch() {
        return switch (state) {
            case DaemonState.Backoff backoff -> backoff.deadSession();
            case DaemonState.Stopping stopping when !stopping.alive() -> OptionalInt.of(stopping.pid());
            case DaemonState.Exited exited -> exited.deadSession();
            case DaemonState.Waiting _,
                    DaemonState.Launching _,
                    DaemonState.Starting _,
                    DaemonState.Running _,
                    DaemonState.Stopping _ -> OptionalInt.empty();
        };
    }

    /** Its session while there is one: signals go to it. */
    public OptionalInt session() {
        return pid().isPresent() ? pid() : sessionToWatch();
    }

    /** Its first process is dead, its session is empty or given up, and it is not started again. */
    boolean isDown() {
        return state.equals(DaemonState.Exited.DOWN);
    }

    /** It is being stopped, and the operator has asked for a restart. */
    public boolean restartsWhenDown() {
        return state instanceof DaemonState.Stopping stopping && stopping.restart();
    }

    DaemonStatus in(DaemonState next) {
        return new DaemonStatus(daemon, next, probeHistory, history);
    }

    DaemonStatus launched() {
        return new DaemonStatus(daemon, new DaemonState.Launching(), ProbeHistory.NONE, history.launched());
    }

    DaemonStatus ready(DaemonState.Running running, Timestamp now) {
        return new DaemonStatus(daemon, running, probeHistory, history.ready(now));
    }

    DaemonStatus ended(LastExit exit, int exitCode) {
        return with(history.with(history.exits().ended(exit, exitCode)));
    }

    DaemonStatus with(ProbeHistory changed) {
        return new DaemonStatus(daemon, state, changed, history);
    }

    DaemonStatus with(DeathCounts changed) {
        return with(history.with(history.exits().with(changed)));
    }

    DaemonStatus with(Gaps changed) {
        return with(history.with(changed));
    }

    DaemonStatus withOutputHeld(boolean held) {
        return with(history.withOutputHeld(held));
    }

    DaemonStatus with(RestartHistory changed) {
        return with(history.with(changed));
    }

    private DaemonStatus with(DaemonHistory changed) {
        return new DaemonStatus(daemon, state, probeHistory, changed);
    }
}
