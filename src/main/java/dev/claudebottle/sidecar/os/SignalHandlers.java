package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.claudebottle.sidecar.bundle.Signal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * Installs what we do on a signal. The launcher and the image start java with TERM, INT, HUP and CHLD blocked, and a {@link SignalReader}
 * reads them. Where somebody starts java otherwise, the JVM handles them as well as it can.
 */
public final class SignalHandlers {

    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;

    /** More bytes than glibc's struct sigaction (152) takes; its first field is the handler. */
    private static final long SIGACTION_SIZE = 256;

    /** The number of rt_sigaction(2), and the size in bytes of the kernel's signal mask. */
    private static final int RT_SIGACTION = Libc.isArm() ? 134 : 13;

    private static final int KERNEL_SIGSET_SIZE = 8;

    private static final Signal CHLD = new Signal(17);

    private static final List<Signal> HANDLED = List.of(Signal.TERM, Signal.INT, Signal.HUP);

    /**
     * The signals without effect that can be reported, if they are blocked: the kernel discards no blocked signal, even if it is ignored. Not
     * those of faults in the JVM's own code and of its own writes (PIPE, XFSZ), USR2, which the JVM unblocks in each of its threads, the two
     * that glibc keeps for itself, and SIGRTMAX-2, by which the JDK wakes up its threads.
     */
    private static final List<Signal> REPORTED = reported();

    /** Signals without effect by default (signal(7)), or that only suspend: CHLD, CONT, TSTP, TTIN, TTOU, URG. */
    private static final Set<Integer> HARMLESS = Set.of(17, 18, 20, 21, 22, 23);

    /** QUIT, on which the JVM dumps its threads, which freezes it when stdout is blocked; and USR2, which it uses for its own profiler. */
    private static final Set<Integer> TAKEN_FROM_THE_JVM = Set.of(3, 12);

    private static final MemorySegment SIGNAL = Libc.function("signal");

    /** Whether a {@link SignalReader} reads SIGCHLD. */
    private static volatile boolean readsSigchld;

    /** Called on SIGCHLD; null: nobody waits for one. */
    private static volatile Runnable sigchldHandler;

    private SignalHandlers() {}

    /**
     * Handles TERM, INT and HUP, even when they were inherited as ignored, and ignores every other signal that could end us and can be
     * ignored; of these, the ones that were blocked are reported.
     *
     * @param handler called by another thread for each signal, one without effect included; by this thread for those that have come before,
     *     when they were blocked
     * @param onFault called when signals can be handled no more
     * @throws StartException if nobody would handle a signal
     */
    public static void install(Consumer<Signal> handler, Consumer<Throwable> onFault) {
        if (SignalReader.blockedOf(HANDLED).equals(HANDLED)) {
            readBlocked(handler, onFault);
        } else {
            ignoreOthers();
            letTheJvmHandle(handler);
        }
    }

    /** Lets TERM, INT, HUP and all others end this process again, for commands that supervise nothing. */
    public static void restoreDefaults() {
        SignalReader.unblock(HANDLED);
        SignalReader.unblock(REPORTED);
    }

    /**
     * The same for a command that only an interrupt (INT, Ctrl-C) ends, which is no failure of it then.
     *
     * @param end called on an INT, by another thread
     */
    public static void restoreDefaults(Runnable end) {
        if (SignalReader.blockedOf(List.of(Signal.INT)).isEmpty()) {
            restoreDefaults();
            return;
        }
        SignalReader.unblock(List.of(Signal.TERM, Signal.HUP));
        SignalReader.unblock(REPORTED);
        new SignalReader(List.of(Signal.INT), _ -> end.run()).start(_ -> end.run());
    }

    private static void readBlocked(Consumer<Signal> handler, Consumer<Throwable> onFault) {
        List<Signal> signals = new ArrayList<>(HANDLED);
        signals.addAll(SignalReader.blockedOf(REPORTED));
        readsSigchld = !SignalReader.blockedOf(List.of(CHLD)).isEmpty();
        if (readsSigchld) {
            signals.add(CHLD);
        }
        SignalReader reader = new SignalReader(signals, signal -> {
            if (signal.equals(CHLD)) {
                childDied();
            } else {
                handler.accept(signal);
            }
        });
        reader.readPending();
        // after that, because the kernel then discards what is pending
        ignoreOthers();
        reader.start(onFault);
    }

    private static void letTheJvmHandle(Consumer<Signal> handler) {
        for (Signal signal : HANDLED) {
            if (isIgnored(signal)) {
                // the JVM installs no handler for a signal that it inherited as ignored
                Libc.call(SIGNAL, signal.number(), SIG_DFL);
            }
            try {
                sun.misc.Signal.handle(named(signal), received -> handler.accept(signal));
            } catch (IllegalArgumentException reducedSignals) {
                throw new StartException("cannot handle " + signal + ": java has the option -Xrs, which needs"
                        + " `env --block-signal=TERM,INT,HUP,CHLD` before java");
            }
        }
    }

    /**
     * Makes an exit of the JVM a stop. When signals are not blocked, a TERM or INT before {@link #install} goes to the JVM's own handler,
     * which exits about 100 ms later, when daemons may run already. If that exit has begun, this never returns, so nothing is started.
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

    /** Calls {@code handler} on SIGCHLD until {@link #stopSigchld}. */
    static void onSigchld(Runnable handler) {
        sigchldHandler = handler;
        if (!readsSigchld) {
            sun.misc.Signal.handle(named(CHLD), received -> childDied());
        }
    }

    static void stopSigchld() {
        sigchldHandler = null;
        if (!readsSigchld) {
            resetSigchld();
        }
    }

    /** Sets SIGCHLD to its default: while it is ignored, the kernel discards the status of every child (wait(2)). */
    static void resetSigchld() {
        Libc.call(SIGNAL, CHLD.number(), SIG_DFL);
    }

    private static void childDied() {
        Runnable current = sigchldHandler;
        if (current != null) {
            current.run();
        }
    }

    /**
     * Other signals that have a handler keep it: the JVM needs those of faults in its code, and the JDK one to wake up its threads. By the
     * system call, because signal(3) refuses the two signals that glibc keeps for itself; for KILL and STOP it fails.
     */
    private static void ignoreOthers() {
        MemorySegment syscall = Libc.function("syscall");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ignore = arena.allocate(SIGACTION_SIZE, 8);
            ignore.set(JAVA_LONG, 0, SIG_IGN);
            MemorySegment current = arena.allocate(SIGACTION_SIZE, 8);
            for (int number = 1; number <= Signal.MAX; number++) {
                if (HARMLESS.contains(number) || HANDLED.contains(new Signal(number))) {
                    continue;
                }
                Libc.call(syscall, RT_SIGACTION, number, 0, current.address(), KERNEL_SIGSET_SIZE);
                if (current.get(JAVA_LONG, 0) == SIG_DFL || TAKEN_FROM_THE_JVM.contains(number)) {
                    Libc.call(syscall, RT_SIGACTION, number, ignore.address(), 0, KERNEL_SIGSET_SIZE);
                }
            }
        }
    }

    private static List<Signal> reported() {
        List<Signal> signals = new ArrayList<>();
        for (int number : new int[] {3, 10, 14, 16, 24, 26, 27, 28, 29, 30}) {
            signals.add(new Signal(number));
        }
        for (int number = Signal.RTMIN; number <= Signal.MAX; number++) {
            if (number != Signal.MAX - 2) {
                signals.add(new Signal(number));
            }
        }
        return signals;
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
