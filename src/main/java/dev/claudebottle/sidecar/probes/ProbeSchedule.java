package dev.claudebottle.sidecar.probes;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.claudebottle.sidecar.bundle.Probe;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** The attempts of one probe, one after the other, never two at a time. */
final class ProbeSchedule {

    private final ProbeCheck check;
    private final Probe probe;
    private final ScheduledExecutorService clock;
    private final Consumer<Optional<String>> results;
    private boolean stopped;
    private Future<?> due;
    private ProbeAttempt attempt;

    ProbeSchedule(ProbeCheck check, Probe probe, ScheduledExecutorService clock, Consumer<Optional<String>> results) {
        this.check = check;
        this.probe = probe;
        this.clock = clock;
        this.results = results;
    }

    synchronized void begin() {
        askIn(0);
    }

    synchronized void stop() {
        stopped = true;
        due.cancel(false);
        if (attempt != null) {
            attempt.abandon();
        }
    }

    private synchronized void check() {
        if (!stopped) {
            attempt = new ProbeAttempt(check, probe.timeout(), clock, results, this::ended);
            attempt.begin();
        }
    }

    private synchronized void ended(long began) {
        attempt = null;
        if (!stopped) {
            askIn(probe.period().duration().toNanos() - (System.nanoTime() - began));
        }
    }

    private void askIn(long nanos) {
        due = clock.schedule(this::check, nanos, NANOSECONDS);
    }
}
