package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.lifecycle.Pause;
import java.time.Duration;
import java.util.concurrent.Future;

/**
 * The timeout of one attempt. It counts the time in which we run: it is divided into ticks, and one that comes late, because we or the
 * machine were suspended, counts as one all the same. Guarded by its attempt.
 */
final class AttemptTimer {

    private static final int TICKS = 10;

    private final ProbeClock clock;
    private final long tick;
    private final Runnable onTick;
    private int left = TICKS;
    private long latest = System.nanoTime();
    private boolean paused;
    private Future<?> next;

    /** @param onTick calls {@link #elapsed} */
    AttemptTimer(ProbeClock clock, Duration timeout, Runnable onTick) {
        this.clock = clock;
        this.tick = timeout.toNanos() / TICKS;
        this.onTick = onTick;
        this.next = clock.in(tick, onTick);
    }

    /** Counts a tick; returns whether it was the last. */
    boolean elapsed() {
        noticePause();
        left--;
        if (left > 0) {
            next = clock.in(tick, onTick);
        }
        return left <= 0;
    }

    /** Begins anew. */
    void restart() {
        next.cancel(false);
        left = TICKS;
        latest = System.nanoTime();
        next = clock.in(tick, onTick);
    }

    void cancel() {
        next.cancel(false);
    }

    /** Whether there was a pause until now, in which the other side may have given up. */
    boolean paused() {
        noticePause();
        return paused;
    }

    private void noticePause() {
        long now = System.nanoTime();
        paused |= Pause.isShownBy(latest + tick, now);
        latest = now;
    }
}
