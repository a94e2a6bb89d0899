package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.claudebottle.sidecar.bundle.Signal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** What we do on a signal. */
public final class SignalHandlers {

    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;

    /** More than struct sigaction (152) of glibc needs; the handler comes first. */
    private static final long ROOM = 256;

    private static final Signal CHLD = new Signal(17);

    private static final List<Signal> HANDLED = List.of(Signal.TERM, Signal.INT, Signal.HUP);

    /**
     * QUIT, USR1, USR2, ALRM and WINCH. The JVM would dump its threads on QUIT, which freezes it when stdout is
     * blocked; the others would end us when we are not PID 1.
     */
    private static final List<Signal> IGNORED =
            List.of(new Signal(3), new Signal(10), new Signal(12), new Signal(14), new Signal(28));

    private static final MemorySegment SIGNAL = Libc.function("signal");

    private SignalHandlers() {}

    /** Takes TERM, INT and HUP, also where they were inherited as ignored, and ignores what must not end us. */
    public static void install(Consumer<Signal> handler) {
        IGNORED.forEach(signal -> Libc.call(SIGNAL, signal.number(), SIG_IGN));
        for (Signal signal : HANDLED) {
            if (isIgnored(signal)) {
                // the JVM respects that, and would never see the signal
                Libc.call(SIGNAL, signal.number(), SIG_DFL);
            }
            sun.misc.Signal.handle(named(signal), received -> handler.accept(signal));
        }
    }

    /**
     * A TERM or INT that came before {@link #install} may still be on its way through the JVM, which then exits under
     * us, some 100 ms later and whatever has been started by then. Where that has not begun yet, it becomes a stop like
     * any other; where it has, this never returns, and so nothing is started.
     *
     * @param stop returns when the JVM may go on with its own exit
     */
    public static void takeOverExit(Runnable stop) throws InterruptedException {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(stop, "exit"));
        } catch (IllegalStateException exiting) {
            new CountDownLatch(1).await();
        }
    }

    /** Calls {@code handler} on SIGCHLD until {@link #resetChild}. */
    static void onChild(Runnable handler) {
        sun.misc.Signal.handle(named(CHLD), received -> handler.run());
    }

    /** An inherited "ignore" would mean that no child's status is ever seen. */
    static void resetChild() {
        Libc.call(SIGNAL, CHLD.number(), SIG_DFL);
    }

    private static boolean isIgnored(Signal signal) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocate(ROOM, 8);
            Libc.callInt(Libc.function("sigaction"), signal.number(), 0, action.address());
            return action.get(JAVA_LONG, 0) == SIG_IGN;
        }
    }

    private static sun.misc.Signal named(Signal signal) {
        return new sun.misc.Signal(signal.toString().substring("SIG".length()));
    }
}
