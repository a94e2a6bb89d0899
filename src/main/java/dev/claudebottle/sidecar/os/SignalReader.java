package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.claudebottle.sidecar.bundle.Signal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads signals that are blocked in every thread of this process (sigwaitinfo(2)), in a thread of its own. A blocked signal waits in the
 * kernel until it is read, from before the JVM's first instruction on, and reading it needs no new thread, process or memory. For a handler
 * of its own, the JVM makes a thread for each signal, and loses the signal when it can't.
 */
final class SignalReader {

    private static final int SIG_BLOCK = 0;
    private static final int SIG_UNBLOCK = 1;

    /** glibc's sigset_t: one bit a signal, the first for signal 1. */
    private static final long SIGSET_SIZE = 128;

    /** More bytes than a siginfo_t takes (128); si_code is its third int. */
    private static final long SIGINFO_SIZE = 256;

    private static final long SI_CODE = 8;

    /** The si_code of a signal that the kernel sends by itself. */
    private static final int SI_KERNEL = 0x80;

    private static final Signal WINCH = new Signal(28);

    private static final MemorySegment PTHREAD_SIGMASK = Libc.function("pthread_sigmask");
    private static final MemorySegment SIGTIMEDWAIT = Libc.function("sigtimedwait");
    private static final MemorySegment SIGWAITINFO = Libc.function("sigwaitinfo");

    private final MemorySegment set;
    private final MemorySegment info = Arena.global().allocate(SIGINFO_SIZE, 8);
    private final Consumer<Signal> handler;

    /** @param handler called by the reading thread; also by the thread that calls {@link #readPending} */
    SignalReader(List<Signal> signals, Consumer<Signal> handler) {
        this.set = set(Arena.global(), mask(signals));
        this.handler = handler;
    }

    /** Which of these signals are blocked in the calling thread. A new thread inherits the mask of the thread that makes it. */
    static List<Signal> blockedOf(List<Signal> signals) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = set(arena, 0);
            Libc.call(PTHREAD_SIGMASK, SIG_BLOCK, 0, set.address());
            long mask = set.get(JAVA_LONG, 0);
            List<Signal> blocked = new ArrayList<>();
            for (Signal signal : signals) {
                if ((mask & bit(signal)) != 0) {
                    blocked.add(signal);
                }
            }
            return blocked;
        }
    }

    /** Unblocks these signals in the calling thread: the kernel chooses a thread that doesn't block a signal. */
    static void unblock(List<Signal> signals) {
        try (Arena arena = Arena.ofConfined()) {
            Libc.call(PTHREAD_SIGMASK, SIG_UNBLOCK, set(arena, mask(signals)).address(), 0);
        }
    }

    /** Handles the signals that have come already. */
    void readPending() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment noTime = arena.allocate(JAVA_LONG, 2);
            int signal = Libc.callInt(SIGTIMEDWAIT, set.address(), info.address(), noTime.address());
            while (signal > 0) {
                handle(new Signal(signal));
                signal = Libc.callInt(SIGTIMEDWAIT, set.address(), info.address(), noTime.address());
            }
        }
    }

    /** @param onFault called by the reading thread when it can't go on */
    void start(Consumer<Throwable> onFault) {
        Thread.ofPlatform().name("signals").daemon().start(() -> readForever(onFault));
    }

    private void readForever(Consumer<Throwable> onFault) {
        try {
            while (true) {
                int signal = Libc.callInt(SIGWAITINFO, set.address(), info.address());
                if (signal > 0) {
                    handle(new Signal(signal));
                }
            }
        } catch (Throwable fault) {
            onFault.accept(fault);
        }
    }

    /** A terminal that is resized is nothing that somebody asks of us. */
    private void handle(Signal signal) {
        if (!signal.equals(WINCH) || info.get(JAVA_INT, SI_CODE) != SI_KERNEL) {
            handler.accept(signal);
        }
    }

    private static long mask(List<Signal> signals) {
        long mask = 0;
        for (Signal signal : signals) {
            mask |= bit(signal);
        }
        return mask;
    }

    private static long bit(Signal signal) {
        return 1L << (signal.number() - 1);
    }

    private static MemorySegment set(Arena arena, long mask) {
        MemorySegment set = arena.allocate(SIGSET_SIZE, 8);
        set.set(JAVA_LONG, 0, mask);
        return set;
    }
}
