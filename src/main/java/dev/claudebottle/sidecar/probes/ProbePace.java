package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import java.time.Duration;

/**
 * When the next attempt of a probe is due. While a daemon is not ready, its readiness is asked more often than once a period: a gap is
 * then as long as the daemon was away. Used by one thread at a time.
 */
final class ProbePace {

    private static final long FIRST_DELAY = Duration.ofMillis(50).toNanos();

    private final Probe probe;
    private final ProbeKind kind;

    /** What the answers say, by the same rule as in {@link dev.claudebottle.sidecar.lifecycle.Lifecycle}. */
    private boolean ready;

    private int failures;
    private long delay = FIRST_DELAY;

    ProbePace(Probe probe, ProbeKind kind) {
        this.probe = probe;
        this.kind = kind;
    }

    /**
     * Counts an answer.
     *
     * @param took nanoseconds from the start of the attempt to its end
     * @return nanoseconds from that end to the next attempt; at most 0: at once
     */
    long next(boolean passed, long took) {
        boolean oncePerPeriod = switch (kind) {
            case READINESS -> isReadyAfter(passed);
            case LIVENESS -> true;
        };
        long untilPeriod = probe.period().duration().toNanos() - took;
        if (oncePerPeriod) {
            delay = FIRST_DELAY;
            return untilPeriod;
        }
        // from the end of the attempt: a check that takes long, or a busy machine, must not be asked without a break
        long next = Math.min(delay, untilPeriod);
        delay = Math.min(2 * delay, probe.period().duration().toNanos());
        return next;
    }

    private boolean isReadyAfter(boolean passed) {
        failures = passed ? 0 : failures + 1;
        ready = passed || ready && !probe.failsAfter(failures);
        return ready;
    }
}
