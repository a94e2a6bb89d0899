package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.lifecycle.Pause;
import dev.claudebottle.sidecar.logs.LogPump;
import dev.claudebottle.sidecar.os.Children;
import dev.claudebottle.sidecar.os.Processes;
import dev.claudebottle.sidecar.os.StartException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * Our exit: kills and reaps what is left, writes the last lines, exits. Every wait is bounded, so that neither a process
 * that the kernel can't kill nor a blocked stdout keeps us beyond the grace period and 1.5 s.
 */
final class Shutdown {

    /** The exit code after a fault of our own. */
    static final int FAULT_CODE = 70;

    private static final String FAULT_LINE = "internal error; SIGKILL to all";

    /** In bytes. */
    private static final int RESERVE = 128 * 1024;

    private static final Duration MAX_KILL_TIME = Duration.ofMillis(500);
    private static final Duration MAX_STALL = Duration.ofMillis(500);

    /** Our own deadline, from the end of the grace period; the rest of the 1.5 s is for the exit itself. */
    private static final Duration EXIT_TIME = Duration.ofMillis(1400);

    /** From our own deadline to the forced exit. */
    private static final Duration SLACK = Duration.ofMillis(50);

    private final Children children;
    private final LogPump pump;
    private final IntConsumer exit;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Duration> timeLeft = new CompletableFuture<>();
    private volatile int exitCode = FAULT_CODE;

    /** What the end after a fault needs, when no memory is left. */
    private byte[] reserve = new byte[RESERVE];

    private final byte[] lastLines;

    /** @param exit ends this process with the exit code */
    Shutdown(Children children, LogPump pump, IntConsumer exit) {
        this.children = children;
        this.pump = pump;
        this.exit = exit;
        this.lastLines = pump.ownLines(List.of(OwnLine.error(FAULT_LINE), OwnLine.exit(FAULT_CODE)));
    }

    /** Creates the watchdog's thread before the first daemon, while threads can still be created. */
    void createWatchdog() {
        Thread watchdog = new Thread(() -> forceExitAfter(timeLeft.join()), "watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    /**
     * Makes the watchdog end us in time even if the supervisor's thread hangs, for example in a start on a stale network
     * file system. Only the first call counts.
     */
    void armWatchdog(Duration grace) {
        timeLeft.complete(grace.plus(EXIT_TIME).plus(SLACK));
    }

    /** Sleeps until after the watchdog's deadline: normally we exit during this call. */
    void awaitExit(Duration grace) {
        sleep(grace.plus(EXIT_TIME).plus(SLACK.multipliedBy(2)));
    }

    boolean hasBegun() {
        return begun.get();
    }

    /** The exit code; that of a fault until it is decided. */
    int exitCode() {
        return exitCode;
    }

    /**
     * Exits after a stop.
     *
     * @param graceEnd a {@link System#nanoTime}
     */
    void exit(long graceEnd, int code) throws InterruptedException {
        if (begun.compareAndSet(false, true)) {
            exitCode = code;
            long deadline = graceEnd + EXIT_TIME.toNanos();
            killAll(deadline);
            pump.finish(OwnLine.exit(code), MAX_STALL.toNanos(), deadline);
            exit.accept(code);
        }
    }

    /** Exits because of a fault of our own, with SIGKILL to all daemons; from any thread, even when no memory is left. */
    void exitAfterFault(Throwable fault) {
        if (!begun.compareAndSet(false, true)) {
            return;
        }
        reserve = null;
        boolean said = false;
        try {
            long deadline = System.nanoTime() + EXIT_TIME.toNanos();
            pump.say(OwnLine.error(fault instanceof StartException cannot ? cannot.getMessage() : describe(fault)));
            killAll(deadline);
            said = pump.finish(OwnLine.exit(FAULT_CODE), MAX_STALL.toNanos(), deadline);
        } catch (Throwable worse) {
            // even then: no guard runs without its supervisor, and as PID 1 our exit kills them all
            Processes.killAll();
        } finally {
            exitSaying(said, fault);
        }
    }

    private void exitSaying(boolean said, Throwable fault) {
        try {
            if (!said) {
                pump.writeDirectly(
                        fault instanceof StartException cannot
                                ? pump.ownLines(List.of(OwnLine.error(cannot.getMessage()), OwnLine.exit(FAULT_CODE)))
                                : lastLines,
                        System.nanoTime() + MAX_STALL.toNanos());
            }
        } finally {
            exit.accept(FAULT_CODE);
        }
    }

    private static String describe(Throwable fault) {
        StringWriter trace = new StringWriter();
        fault.printStackTrace(new PrintWriter(trace));
        return FAULT_LINE + "\n" + trace;
    }

    /** A pause of us does not count: the daemons may have been suspended as well. */
    private void forceExitAfter(Duration time) {
        try {
            long due;
            do {
                due = System.nanoTime() + time.toNanos();
                sleep(time);
            } while (Pause.isShownBy(due, System.nanoTime()));
            Processes.killAll();
        } finally {
            exit.accept(FAULT_CODE);
        }
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException impossible) {
            throw new AssertionError("internal error: nobody interrupts this thread", impossible);
        }
    }

    private void killAll(long deadline) throws InterruptedException {
        children.killAndReapAll(Math.min(System.nanoTime() + MAX_KILL_TIME.toNanos(), deadline));
    }
}
