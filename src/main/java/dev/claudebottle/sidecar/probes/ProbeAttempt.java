package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One run of a check. It has at most one result, from the check or from its timeout, whichever comes first; none when it
 * is abandoned before.
 */
final class ProbeAttempt {

    /** What follows an attempt; called once, when the check has returned, which may be long after the result. */
    interface Listener {

        /**
         * The result has been delivered, or nobody waits for it any more.
         *
         * @param passed what the result says
         * @param began the {@link System#nanoTime} at which the check began
         */
        void ended(boolean passed, long began);

        /** The check was not made, or we were suspended meanwhile and its failure says nothing. */
        void endedWithoutCheck();

        /** The attempt can't end: a fault of ours. */
        void failed(Throwable fault);
    }

    private final ProbeCheck check;
    private final TimeSpan timeout;
    private final Consumer<ProbeResult> onResult;
    private final Listener listener;
    private final AttemptTimer timer;
    private final Thread thread = Thread.ofVirtual().name("probe").unstarted(this::run);

    /** Whether the result is still to come. */
    private boolean pending = true;

    private boolean begun;

    /** Whether the check was made, and says something about the daemon. */
    private boolean checked = true;

    private boolean passed;

    /** @param onResult takes the result */
    ProbeAttempt(
            ProbeCheck check, TimeSpan timeout, ProbeClock clock, Consumer<ProbeResult> onResult, Listener listener) {
        this.check = check;
        this.timeout = timeout;
        this.onResult = onResult;
        this.listener = listener;
        this.timer = new AttemptTimer(clock, timeout.duration(), this::tick);
    }

    void start() {
        try {
            thread.start();
        } catch (OutOfMemoryError noThread) {
            notBegun(FailureMessage.of(noThread));
        }
    }

    /** Ends the check; once this returns, no result comes. */
    void abandon() {
        synchronized (this) {
            end();
        }
        thread.interrupt();
    }

    private void run() {
        try {
            long began = System.nanoTime();
            if (begin()) {
                try {
                    finish(check.check());
                } catch (Throwable failure) {
                    // an Error as well: the schedule must go on
                    finish(failure);
                }
                if (wasChecked()) {
                    listener.ended(hasPassed(), began);
                } else {
                    listener.endedWithoutCheck();
                }
            }
        } catch (Throwable fault) {
            listener.failed(fault);
        }
    }

    /** The timeout starts here, so that a delay of this thread's start does not count against the daemon. */
    private synchronized boolean begin() {
        begun = pending;
        if (begun) {
            timer.restart();
        }
        return begun;
    }

    private synchronized boolean wasChecked() {
        return checked;
    }

    private synchronized boolean hasPassed() {
        return passed;
    }

    private void tick() {
        boolean begunNow;
        synchronized (this) {
            if (!pending || !timer.elapsed()) {
                return;
            }
            begunNow = begun;
        }
        if (begunNow) {
            finish(Optional.of("no answer within " + timeout.text()));
            thread.interrupt();
        } else {
            notBegun("no thread was free within " + timeout.text());
        }
    }

    private void notBegun(String cause) {
        synchronized (this) {
            if (!pending) {
                return;
            }
            deliver(new ProbeResult.NotChecked(cause));
        }
        listener.endedWithoutCheck();
    }

    private void finish(Throwable failure) {
        Optional<String> shortage = Shortage.of(failure);
        if (shortage.isPresent()) {
            synchronized (this) {
                if (pending) {
                    checked = false;
                    deliver(new ProbeResult.NotChecked(shortage.get()));
                }
            }
        } else {
            finish(Optional.of(FailureMessage.of(failure)));
        }
    }

    private synchronized void finish(Optional<String> failure) {
        if (!pending) {
            return;
        }
        if (failure.isPresent() && timer.paused()) {
            checked = false;
            end();
        } else {
            passed = failure.isEmpty();
            deliver(new ProbeResult.Checked(failure));
        }
    }

    /** Delivers under the lock, so that no result is on its way when {@link #abandon} returns. */
    private void deliver(ProbeResult result) {
        end();
        onResult.accept(result);
    }

    private void end() {
        pending = false;
        timer.cancel();
    }
}
