package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One run of a check. It has at most one result, from the check or from its timeout, whichever comes first; none when it
 * is abandoned before.
 */
final class ProbeAttempt {

    private final ProbeCheck check;
    private final TimeSpan timeout;
    private final ScheduledExecutorService clock;
    private final Consumer<Optional<String>> onResult;
    private final LongConsumer onEnd;
    private final Thread thread = Thread.ofVirtual().name("probe").unstarted(this::run);

    /** Whether the result is still to come. */
    private boolean pending = true;

    /**
     * @param onResult takes the result: why the check failed; empty when it passed
     * @param onEnd called once, when the check has returned, with the {@link System#nanoTime} at which it began; that may
     *     be long after the result
     */
    ProbeAttempt(
            ProbeCheck check,
            TimeSpan timeout,
            ScheduledExecutorService clock,
            Consumer<Optional<String>> onResult,
            LongConsumer onEnd) {
        this.check = check;
        this.timeout = timeout;
        this.clock = clock;
        this.onResult = onResult;
        this.onEnd = onEnd;
    }

    void start() {
        try {
            thread.start();
        } catch (Throwable failure) {
            // such as no memory for a thread; the next attempt may succeed
            finish(Optional.of(FailureMessage.of(failure)));
            onEnd.accept(System.nanoTime());
        }
    }

    /** Ends the check; once this returns, no result comes. */
    void abandon() {
        synchronized (this) {
            pending = false;
        }
        thread.interrupt();
    }

    /** The timeout starts here, so that a delay of this thread's start does not count against the daemon. */
    private void run() {
        long began = System.nanoTime();
        Future<?> deadline = null;
        try {
            deadline = clock.schedule(this::timeOut, timeout.duration().toNanos(), TimeUnit.NANOSECONDS);
            finish(check.check());
        } catch (Throwable failure) {
            // an Error as well: the schedule must go on
            finish(Optional.of(FailureMessage.of(failure)));
        } finally {
            if (deadline != null) {
                deadline.cancel(false);
            }
            onEnd.accept(began);
        }
    }

    private void timeOut() {
        finish(Optional.of("no answer within " + timeout.text()));
        thread.interrupt();
    }

    /** Delivers under the lock, so that no result is on its way when {@link #abandon} returns. */
    private synchronized void finish(Optional<String> failure) {
        if (pending) {
            pending = false;
            onResult.accept(failure);
        }
    }
}
