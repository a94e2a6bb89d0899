package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs the check of one probe again and again, in its {@link ProbePace}; never two attempts at the same time. */
final class ProbeSchedule implements ProbeAttempt.Listener {

    /** Until an attempt that could not be made is tried again, unless the period is shorter. */
    private static final long RETRY = TimeUnit.SECONDS.toNanos(1);

    private final ProbeCheck check;
    private final Probe probe;
    private final ProbePace pace;
    private final ProbeClock clock;
    private final Consumer<ProbeResult> onResult;
    private final Consumer<Throwable> onFault;
    private boolean stopped;
    private Future<?> next;
    private ProbeAttempt attempt;

    /** @param onFault called when the series can't go on */
    ProbeSchedule(
            ProbeCheck check,
            Probe probe,
            ProbeKind kind,
            ProbeClock clock,
            Consumer<ProbeResult> onResult,
            Consumer<Throwable> onFault) {
        this.check = check;
        this.probe = probe;
        this.pace = new ProbePace(probe, kind);
        this.clock = clock;
        this.onResult = onResult;
        this.onFault = onFault;
    }

    synchronized void start() {
        attemptIn(0);
    }

    /** Stops for good; once this returns, no result comes. */
    synchronized void stop() {
        stopped = true;
        next.cancel(false);
        if (attempt != null) {
            attempt.abandon();
        }
    }

    /** Starts the attempt outside the lock, because its end may come at once. */
    private void attempt() {
        ProbeAttempt now;
        synchronized (this) {
            if (stopped) {
                return;
            }
            now = new ProbeAttempt(check, probe.timeout(), clock, onResult, this);
            attempt = now;
        }
        now.start();
    }

    @Override
    public void ended(boolean passed, long began) {
        attemptNext(pace.next(passed, System.nanoTime() - began));
    }

    @Override
    public void endedWithoutCheck() {
        attemptNext(Math.min(probe.period().duration().toNanos(), RETRY));
    }

    @Override
    public void failed(Throwable fault) {
        onFault.accept(fault);
    }

    private synchronized void attemptNext(long nanos) {
        attempt = null;
        if (!stopped) {
            attemptIn(nanos);
        }
    }

    private void attemptIn(long nanos) {
        next = clock.in(nanos, this::attempt);
    }
}
