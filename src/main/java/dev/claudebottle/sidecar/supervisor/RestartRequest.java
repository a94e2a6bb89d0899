package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.DaemonState;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.ExitReason;
import dev.claudebottle.sidecar.lifecycle.LastExit;
import dev.claudebottle.sidecar.lifecycle.Phase;
import dev.claudebottle.sidecar.lifecycle.RestartTransitions;
import dev.claudebottle.sidecar.lifecycle.Seconds;
import java.time.Duration;
import java.util.Optional;

/** A restart that the operator asks for, from the question to the answer. The supervisor's thread accepts it, another one waits for its end. */
final class RestartRequest {

    /**
     * The end of it.
     *
     * @param code the exit code of the command {@code restart}
     * @param text what has been done, or why not
     */
    record Answer(int code, String text) {

        static final int READY = 0;
        static final int FAILED = 1;
        static final int USAGE = 2;
    }

    /**
     * What the answer is counted from.
     *
     * @param start the number of the start that has to become ready
     * @param deaths so many are known
     */
    private record Baseline(int start, int deaths) {}

    /** How long a start may take to become ready, after the grace of the one before, until we no longer wait for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String daemon;
    private final long askedAt;
    private volatile Optional<Answer> refusal = Optional.empty();

    /** Null until it is accepted. */
    private volatile Baseline baseline;

    /** @param askedAt a {@link System#nanoTime} */
    RestartRequest(String daemon, long askedAt) {
        this.daemon = daemon;
        this.askedAt = askedAt;
    }

    String daemon() {
        return daemon;
    }

    boolean isAccepted() {
        return baseline != null;
    }

    /**
     * Decides whether it can be done.
     *
     * @param state before it
     */
    boolean accept(BundleState state) {
        Optional<String> cause = RestartTransitions.refusal(state, daemon);
        if (cause.isPresent()) {
            refusal = Optional.of(new Answer(Answer.FAILED, cause.get()));
            return false;
        }
        DaemonStatus status = state.daemon(daemon);
        boolean underWay = status.state() instanceof DaemonState.Launching;
        // its failed liveness probe has decided on that death before
        boolean dies = status.state() instanceof DaemonState.Stopping stopping
                && stopping.forLiveness()
                && stopping.startedAt().isPresent();
        baseline = new Baseline(status.starts() + (underWay ? 0 : 1), deaths(status) + (dies ? 1 : 0));
        return true;
    }

    /** Empty: it is not over. */
    Optional<Answer> answer(BundleState state, long now) {
        if (refusal.isPresent()) {
            return refusal;
        }
        if (!(state.phase() instanceof Phase.Running)) {
            return Optional.of(new Answer(Answer.FAILED, "the bundle is stopping"));
        }
        DaemonStatus status = state.daemon(daemon);
        boolean late = now - deadline(state) >= 0;
        if (baseline == null) {
            return late ? Optional.of(new Answer(Answer.FAILED, "the supervisor is blocked")) : Optional.empty();
        }
        if (deaths(status) > baseline.deaths()) {
            return Optional.of(
                    new Answer(Answer.FAILED, "it " + death(status.lastExit().orElseThrow())));
        }
        if (status.ready() && status.starts() >= baseline.start()) {
            return Optional.of(new Answer(
                    Answer.READY, daemon + " has been restarted in " + Seconds.text(Duration.ofNanos(now - askedAt))));
        }
        return late ? Optional.of(new Answer(Answer.FAILED, unready(status, now))) : Optional.empty();
    }

    /** When we no longer wait. */
    long deadline(BundleState state) {
        Duration grace =
                state.bundle().stopGracePeriodOf(state.daemon(daemon).daemon()).duration();
        return askedAt + grace.plus(PATIENCE).toNanos();
    }

    private String unready(DaemonStatus status, long now) {
        String after = " after " + Seconds.text(Duration.ofNanos(now - askedAt));
        return status.state() instanceof DaemonState.Starting
                ? "it is not ready" + after + ": " + status.unreadyCause()
                : "it is " + status.state().word() + after;
    }

    private static String death(LastExit exit) {
        return exit.error() == null ? "exited with code " + exit.text() : "cannot be started: " + exit.error();
    }

    private static int deaths(DaemonStatus status) {
        int deaths = 0;
        for (ExitReason reason : ExitReason.values()) {
            deaths += status.deaths().of(reason);
        }
        return deaths;
    }
}
