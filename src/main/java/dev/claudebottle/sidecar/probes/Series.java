package dev.claudebottle.sidecar.probes;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.claudebottle.sidecar.bundle.Probe;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** The askings of one probe, one after the other, never two at a time. */
final class Series {

    private final Question question;
    private final Probe probe;
    private final ScheduledExecutorService clock;
    private final Consumer<Optional<String>> answers;
    private boolean stopped;
    private Future<?> due;
    private Asking asking;

    Series(Question question, Probe probe, ScheduledExecutorService clock, Consumer<Optional<String>> answers) {
        this.question = question;
        this.probe = probe;
        this.clock = clock;
        this.answers = answers;
    }

    synchronized void begin() {
        askIn(0);
    }

    synchronized void stop() {
        stopped = true;
        due.cancel(false);
        if (asking != null) {
            asking.abandon();
        }
    }

    private synchronized void ask() {
        if (!stopped) {
            asking = new Asking(question, probe.timeout(), clock, answers, this::ended);
            asking.begin();
        }
    }

    private synchronized void ended(long began) {
        asking = null;
        if (!stopped) {
            askIn(probe.period().duration().toNanos() - (System.nanoTime() - began));
        }
    }

    private void askIn(long nanos) {
        due = clock.schedule(this::ask, nanos, NANOSECONDS);
    }
}
