package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.claudebottle.sidecar.bundle.Signal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** Installs what we do on a signal. */
public final class SignalHandlers {

    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;

    /** More bytes than glibc's struct sigaction (152) takes; its first field is the handler. */
    private static final long SIGACTION_SIZE = 256;

    private static final Signal CHLD = new Signal(17);

    private static final List<Signal> HANDLED = List.of(Signal.TERM, Signal.INT, Signal.HUP);

    /**
     * QUIT, USR1, USR2, ALRM and WINCH. On QUIT the JVM dumps its threads, which freezes it when stdout is blocked; USR1,
     * USR2 and ALRM would end us when we are not PID 1.
     */
    private static final List<Signal> IGNORED =
            List.of(new Signal(3), new Signal(10), new Signal(12), new Signal(14), new Signal(28));

    private static final MemorySegment SIGNAL = Libc.function("signal");

    private SignalHandlers() {}

    /**
     * Handles TERM, INT and HUP, even when they were inherited as ignored, and ignores QUIT, USR1, USR2, ALRM and WINCH.
     *
     * @param handler called by a thread of the JVM for each signal
     */
    public static void install(Consumer<Signal> handler) {
        IGNORED.forEach(signal -> Libc.call(SIGNAL, signal.number(), SIG_IGN));
        for (Signal signal : HANDLED) {
            if (isIgnored(signal)) {
                // the JVM installs no handler for a signal that it inherited as ignored
                Libc.call(SIGNAL, signal.number(), SIG_DFL);
            }
            sun.misc.Signal.handle(named(signal), received -> handler.accept(signal));
        }
    }

    /**
     * Makes an exit of the JVM a stop. A TERM or INT before {@link #install} goes to the JVM's own handler, which exits
     * about 100 ms later, when daemons may run already. If that exit has begun, this never returns, so nothing is started.
     *
     * @param stop called in a shutdown hook; the JVM exits when it returns
     */
    public static void onJvmExit(Runnable stop) throws InterruptedException {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(stop, "exit"));
        } catch (IllegalStateException exiting) {
            new CountDownLatch(1).await();
        }
    }

    /** Calls {@code handler} on SIGCHLD until {@link #resetSigchld}. */
    static void onSigchld(Runnable handler) {
        sun.misc.Signal.handle(named(CHLD), received -> handler.run());
    }

    /** Sets SIGCHLD to its default: while it is ignored, the kernel discards the status of every child (wait(2)). */
    static void resetSigchld() {
        Libc.call(SIGNAL, CHLD.number(), SIG_DFL);
    }

    private static boolean isIgnored(Signal signal) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocate(SIGACTION_SIZE, 8);
            Libc.callInt(Libc.function("sigaction"), signal.number(), 0, action.address());
            return action.get(JAVA_LONG, 0) == SIG_IGN;
        }
    }

    private static sun.misc.Signal named(Signal signal) {
        return new sun.misc.Signal(signal.toString().substring("SIG".length()));
    }
}
