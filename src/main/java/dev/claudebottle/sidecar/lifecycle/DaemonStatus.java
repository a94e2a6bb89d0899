package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Daemon;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that is known of one daemon.
 *
 * @param starts launches so far, failed ones included
 * @param everReady it has been ready at least once
 * @param lastExit empty before the first end
 * @param exitCode what it adds to the bundle's exit code
 * @param failures of its probes, in a row
 */
public record DaemonStatus(
        Daemon daemon,
        DaemonState state,
        int starts,
        boolean everReady,
        Optional<LastExit> lastExit,
        int exitCode,
        Gaps gaps,
        DeathCounts deaths,
        RestartHistory restartHistory,
        Failures failures) {

    /** Probes that failed in a row. */
    record Failures(int readiness, int liveness) {
        static final Failures NONE = new Failures(0, 0);
    }

    static DaemonStatus initial(Daemon daemon) {
        return new DaemonStatus(
                daemon,
                new DaemonState.Waiting(),
                0,
                false,
                Optional.empty(),
                0,
                Gaps.NONE,
                DeathCounts.NONE,
                RestartHistory.NONE,
                Failures.NONE);
    }

    public String name() {
        return daemon.name();
    }

    public boolean ready() {
        return state instanceof DaemonState.Running;
    }

    /** It dies again and again; true until it has been ready for long. */
    public boolean crashLooping() {
        return restartHistory.crashLooping();
    }

    /** What its health check says. */
    public boolean healthy() {
        return ready() && !crashLooping();
    }

    public int restarts() {
        return Math.max(0, starts - 1);
    }

    /** Its first process, while that lives. */
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

    /** When the process of {@link #pid()} was started. */
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

    /** The process group that has to be looked at, because no child tells us when it is empty. */
    public OptionalInt groupToWatch() {
        return switch (state) {
            case DaemonState.Backoff backoff -> backoff.deadGroup();
            case DaemonState.Stopping stopping when !stopping.alive() -> OptionalInt.of(stopping.pid());
            case DaemonState.Exited exited -> exited.deadGroup();
            case DaemonState.Waiting _,
                    DaemonState.Launching _,
                    DaemonState.Starting _,
                    DaemonState.Running _,
                    DaemonState.Stopping _ -> OptionalInt.empty();
        };
    }

    /** Its process group, while there is one: whom signals go to. */
    public OptionalInt group() {
        return pid().isPresent() ? pid() : groupToWatch();
    }

    /** Its first process is dead and its group is empty, and it will not be started again. */
    boolean isDown() {
        return state.equals(DaemonState.Exited.DOWN);
    }

    DaemonStatus in(DaemonState next) {
        return new DaemonStatus(
                daemon, next, starts, everReady, lastExit, exitCode, gaps, deaths, restartHistory, failures);
    }

    DaemonStatus launched() {
        return new DaemonStatus(
                daemon,
                new DaemonState.Launching(),
                starts + 1,
                everReady,
                lastExit,
                exitCode,
                gaps,
                deaths,
                restartHistory,
                Failures.NONE);
    }

    DaemonStatus ready(DaemonState.Running running) {
        return new DaemonStatus(
                daemon, running, starts, true, lastExit, exitCode, gaps, deaths, restartHistory, failures);
    }

    DaemonStatus ended(LastExit end, int code) {
        return new DaemonStatus(
                daemon, state, starts, everReady, Optional.of(end), code, gaps, deaths, restartHistory, failures);
    }

    DaemonStatus with(Gaps changed) {
        return new DaemonStatus(
                daemon, state, starts, everReady, lastExit, exitCode, changed, deaths, restartHistory, failures);
    }

    DaemonStatus with(DeathCounts changed) {
        return new DaemonStatus(
                daemon, state, starts, everReady, lastExit, exitCode, gaps, changed, restartHistory, failures);
    }

    DaemonStatus with(RestartHistory changed) {
        return new DaemonStatus(daemon, state, starts, everReady, lastExit, exitCode, gaps, deaths, changed, failures);
    }

    DaemonStatus with(Failures changed) {
        return new DaemonStatus(
                daemon, state, starts, everReady, lastExit, exitCode, gaps, deaths, restartHistory, changed);
    }
}
