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
 */
public record DaemonStatus(
        Daemon daemon,
        DaemonState state,
        int starts,
        boolean everReady,
        Optional<LastExit> lastExit,
        int exitCode,
        Gaps gaps) {

    static DaemonStatus initial(Daemon daemon) {
        return new DaemonStatus(daemon, new DaemonState.Waiting(), 0, false, Optional.empty(), 0, Gaps.NONE);
    }

    public String name() {
        return daemon.name();
    }

    public boolean ready() {
        return state instanceof DaemonState.Running;
    }

    public int restarts() {
        return Math.max(0, starts - 1);
    }

    /** Its first process, while that lives. */
    public OptionalInt pid() {
        return switch (state) {
            case DaemonState.Running running -> OptionalInt.of(running.pid());
            case DaemonState.Stopping stopping when stopping.alive() -> OptionalInt.of(stopping.pid());
            case DaemonState.Waiting _, DaemonState.Starting _, DaemonState.Stopping _, DaemonState.Exited _ ->
                OptionalInt.empty();
        };
    }

    /** When the process of {@link #pid()} was started. */
    public Optional<Instant> startedAt() {
        return switch (state) {
            case DaemonState.Running running -> Optional.of(running.startedAt());
            case DaemonState.Stopping stopping when stopping.alive() -> Optional.of(stopping.startedAt());
            case DaemonState.Waiting _, DaemonState.Starting _, DaemonState.Stopping _, DaemonState.Exited _ ->
                Optional.empty();
        };
    }

    DaemonStatus in(DaemonState next) {
        return new DaemonStatus(daemon, next, starts, everReady, lastExit, exitCode, gaps);
    }

    DaemonStatus launched() {
        return new DaemonStatus(daemon, new DaemonState.Starting(), starts + 1, everReady, lastExit, exitCode, gaps);
    }

    DaemonStatus running(int pid, Moment now) {
        return new DaemonStatus(
                daemon, new DaemonState.Running(pid, now.utc()), starts, true, lastExit, exitCode, gaps);
    }

    DaemonStatus ended(LastExit end, int code) {
        return new DaemonStatus(daemon, state, starts, everReady, Optional.of(end), code, gaps);
    }

    DaemonStatus withGap(Moment now) {
        return new DaemonStatus(daemon, state, starts, everReady, lastExit, exitCode, gaps.open(now));
    }
}
