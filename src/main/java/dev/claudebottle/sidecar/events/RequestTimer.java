package dev.claudebottle.sidecar.events;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Ends a request that takes too long or that a stop abandons. The JDK's own timeout counts from the last byte that the
 * receiver sent, and nothing but closing its socket ends a blocked read. So a thread of its own, made at start, does that.
 */
final class RequestTimer {

    private final long timeout;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("notify-timer").unstarted(this::run);

    /** Ends the request that is under way; null when none is. */
    private Runnable abort;

    private long deadline;
    private boolean over;
    private boolean stopped;

    RequestTimer(Duration timeout) {
        this.timeout = timeout.toNanos();
    }

    void start() {
        thread.start();
    }

    /** @param abort called, by the timer's thread, when the request has not ended in time */
    synchronized void begin(Runnable abort) {
        this.abort = abort;
        deadline = System.nanoTime() + timeout;
        over = stopped;
        notifyAll();
    }

    synchronized void end() {
        abort = null;
    }

    /** Whether the request's time is over. */
    synchronized boolean isOver() {
        return over;
    }

    /** The time of this and every further request is over. */
    synchronized void stop() {
        stopped = true;
        over = true;
        notifyAll();
    }

    private void run() {
        boolean goesOn = true;
        while (goesOn) {
            try {
                Runnable late = awaitLate();
                goesOn = late != null;
                if (goesOn) {
                    late.run();
                }
            } catch (Throwable _) {
                // the next request needs this thread too
            }
        }
    }

    /** Waits for a request whose time is over; null after a stop that abandons none. */
    private synchronized Runnable awaitLate() throws InterruptedException {
        while (!over || abort == null) {
            long left = deadline - System.nanoTime();
            if (stopped) {
                return null;
            }
            if (abort == null) {
                wait();
            } else if (left > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } else {
                over = true;
            }
        }
        Runnable late = abort;
        abort = null;
        return late;
    }
}
