package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One check, asked once. It has one answer, that of whoever is first: the daemon, the deadline, or nobody because
 * it was given up.
 */
final class ProbeAttempt {

    private final ProbeCheck check;
    private final TimeSpan timeout;
    private final ScheduledExecutorService clock;
    private final Consumer<Optional<String>> results;
    private final LongConsumer ended;
    private final Thread thread = Thread.ofVirtual().name("probe").unstarted(this::run);
    private boolean open = true;

    /**
     * @param ended told once when nothing of it is left, with the {@link System#nanoTime} at which it began; it may be
     *     later than the answer
     */
    ProbeAttempt(
            ProbeCheck check,
            TimeSpan timeout,
            ScheduledExecutorService clock,
            Consumer<Optional<String>> results,
            LongConsumer ended) {
        this.check = check;
        this.timeout = timeout;
        this.clock = clock;
        this.results = results;
        this.ended = ended;
    }

    void begin() {
        try {
            thread.start();
        } catch (Throwable cannot) {
            // no memory for a thread, for one; the next attempt may have more luck
            finish(Optional.of(FailureMessage.of(cannot)));
            ended.accept(System.nanoTime());
        }
    }

    void abandon() {
        synchronized (this) {
            open = false;
        }
        thread.interrupt();
    }

    /** The time counts from here: it is no fault of the daemon's when we had no processor for a while. */
    private void run() {
        long began = System.nanoTime();
        Future<?> deadline = null;
        try {
            deadline = clock.schedule(this::timeOut, timeout.duration().toNanos(), TimeUnit.NANOSECONDS);
            finish(check.check());
        } catch (Throwable failure) {
            // whatever it is, the schedules goes on
            finish(Optional.of(FailureMessage.of(failure)));
        } finally {
            if (deadline != null) {
                deadline.cancel(false);
            }
            ended.accept(began);
        }
    }

    private void timeOut() {
        finish(Optional.of("no answer within " + timeout.text()));
        thread.interrupt();
    }

    /** Under the lock, so that nothing is on its way any more when {@link #abandon} returns. */
    private synchronized void finish(Optional<String> failure) {
        if (open) {
            open = false;
            results.accept(failure);
        }
    }
}
