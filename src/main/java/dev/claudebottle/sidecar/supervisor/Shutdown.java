package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Phase;
import dev.claudebottle.sidecar.logs.LogPump;
import dev.claudebottle.sidecar.os.Children;
import dev.claudebottle.sidecar.os.Processes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * Our end: kill and reap what is left, put out the last lines, leave. Every wait in it is bounded, so that neither a
 * process that the kernel holds nor a blocked stdout keeps us beyond the grace and 1.5 s.
 */
final class Shutdown {

    /** A fault of our own: never guards without their supervisor. */
    static final int FAULT = 70;

    private static final Duration SWEEP = Duration.ofMillis(500);
    private static final Duration DRAIN_WITHOUT_PROGRESS = Duration.ofMillis(500);

    /** Counted from the end of the grace; the rest of the 1.5 s is for the kernel and for us. */
    private static final Duration LAST_MOMENT = Duration.ofMillis(1400);

    /** Between the planned last moment and the one that is forced. */
    private static final Duration SLACK = Duration.ofMillis(50);

    private final Children children;
    private final LogPump pump;
    private final IntConsumer exit;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Duration> longest = new CompletableFuture<>();
    private volatile int exitCode = FAULT;

    /** @param exit ends this process */
    Shutdown(Children children, LogPump pump, IntConsumer exit) {
        this.children = children;
        this.pump = pump;
        this.exit = exit;
    }

    /** Makes the thread of {@link #atTheLatestIn} while there are threads to be had. */
    void begin() {
        Thread guard = new Thread(() -> leaveIn(longest.join()), "last-resort");
        guard.setDaemon(true);
        guard.start();
    }

    /**
     * Sees to it that we leave in time even if the supervisor's thread is stuck, in a start on a file system that hangs
     * for one. Only the first call counts.
     */
    void atTheLatestIn(Duration grace) {
        longest.complete(grace.plus(LAST_MOMENT).plus(SLACK));
    }

    /** Comes back only when we should have left long ago. */
    void awaitTheLatest(Duration grace) {
        sleep(grace.plus(LAST_MOMENT).plus(SLACK.multipliedBy(2)));
    }

    boolean hasBegun() {
        return begun.get();
    }

    /** Ours; that of a fault until it has been decided. */
    int exitCode() {
        return exitCode;
    }

    /** Leaves as planned. */
    void leave(BundleState state, int code) throws InterruptedException {
        if (begun.compareAndSet(false, true)) {
            leave(code, lastMoment(state));
        }
    }

    /** Leaves because something in us broke; from any thread. */
    void leaveAfter(Throwable fault) {
        if (!begun.compareAndSet(false, true)) {
            return;
        }
        try {
            StringWriter trace = new StringWriter();
            fault.printStackTrace(new PrintWriter(trace));
            pump.say("internal error; SIGKILL to all\n" + trace);
            leave(FAULT, System.nanoTime() + LAST_MOMENT.toNanos());
        } catch (Throwable worse) {
            // whatever it is, the guards must not outlive us
            exit.accept(FAULT);
        }
    }

    private void leaveIn(Duration time) {
        try {
            sleep(time);
            Processes.killAll();
        } finally {
            exit.accept(FAULT);
        }
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException impossible) {
            throw new AssertionError("internal error: nobody interrupts this thread", impossible);
        }
    }

    private void leave(int code, long lastMoment) throws InterruptedException {
        exitCode = code;
        children.killAndReapAll(Math.min(System.nanoTime() + SWEEP.toNanos(), lastMoment));
        pump.finish("exit " + code, DRAIN_WITHOUT_PROGRESS.toNanos(), lastMoment);
        exit.accept(code);
    }

    private static long lastMoment(BundleState state) {
        Bundle bundle = state.bundle();
        long since = state.phase() instanceof Phase.Over(OptionalLong stopSince) && stopSince.isPresent()
                ? stopSince.getAsLong()
                : System.nanoTime();
        return since + bundle.stopGracePeriod().duration().plus(LAST_MOMENT).toNanos();
    }
}
