package dev.claudebottle.sidecar.probes;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.claudebottle.sidecar.bundle.Probe;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** Runs the check of one probe once a period; never two attempts at the same time. */
final class ProbeSchedule {

    private final ProbeCheck check;
    private final Probe probe;
    private final ScheduledExecutorService clock;
    private final Consumer<Optional<String>> onResult;
    private boolean stopped;
    private Future<?> next;
    private ProbeAttempt attempt;

    ProbeSchedule(ProbeCheck check, Probe probe, ScheduledExecutorService clock, Consumer<Optional<String>> onResult) {
        this.check = check;
        this.probe = probe;
        this.clock = clock;
        this.onResult = onResult;
    }

    synchronized void start() {
        scheduleIn(0);
    }

    /** Stops for good; once this returns, no result comes. */
    synchronized void stop() {
        stopped = true;
        next.cancel(false);
        if (attempt != null) {
            attempt.abandon();
        }
    }

    private synchronized void attempt() {
        if (!stopped) {
            attempt = new ProbeAttempt(check, probe.timeout(), clock, onResult, this::ended);
            attempt.start();
        }
    }

    /** The next attempt is due a period after the start of the last one; at once when that took longer. */
    private synchronized void ended(long began) {
        attempt = null;
        if (!stopped) {
            scheduleIn(probe.period().duration().toNanos() - (System.nanoTime() - began));
        }
    }

    private void scheduleIn(long nanos) {
        next = clock.schedule(this::attempt, nanos, NANOSECONDS);
    }
}
