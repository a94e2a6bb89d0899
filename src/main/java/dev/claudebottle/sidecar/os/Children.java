package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Everything below us: starts daemons and probes, and reaps whatever dies, orphans too. One thread waits for all.
 * It peeks (WNOWAIT), then takes the lock that a start holds until its pid is known, then reaps: so no status is ever
 * taken for another's, however quick the death.
 */
public final class Children {

    /** EffectFormatter under the lock, in the order in which things happened; must be quick. */
    public interface Listener {

        /** @param output the read end of its stdout and stderr, for the listener to close */
        void started(String daemon, int pid, int output);

        void exited(String daemon, int pid, ExitStatus status);

        /** Whether what is left of a dead daemon's group gets SIGKILL; asked before {@link #exited}. */
        boolean killsRest(String daemon);

        /** A process that was neither a daemon nor a probe is gone. */
        void orphanReaped();

        /** The waiter can't go on. */
        void failed(Throwable fault);
    }

    private static final int P_ALL = 0;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x01000000;
    private static final int PR_SET_CHILD_SUBREAPER = 36;

    /** In siginfo_t where pointers have eight bytes (waitid(2)). */
    private static final long SI_PID = 16;

    private static final MemorySegment WAITID = Libc.function("waitid");
    private static final MemorySegment WAITPID = Libc.function("waitpid");

    private final Environment environment;
    private final Listener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition childless = lock.newCondition();
    private final Map<Integer, Child> started = new HashMap<>();
    private final Semaphore wake = new Semaphore(0);
    private final MemorySegment siginfo = Arena.global().allocate(128, 8);
    private final MemorySegment status = Arena.global().allocate(JAVA_INT);
    private volatile long orphansReaped;
    private boolean none = true;

    /** @param environment what daemons inherit */
    public Children(Environment environment, Listener listener) {
        this.environment = environment;
        this.listener = listener;
    }

    /** Makes orphans ours, and begins to reap. */
    public void begin() {
        SignalHandlers.resetChild();
        if (!Processes.isInit()) {
            Libc.callInt(Libc.function("prctl"), PR_SET_CHILD_SUBREAPER, 1);
        }
        Thread waiter = new Thread(this::reapForever, "waiter");
        waiter.setDaemon(true);
        waiter.start();
    }

    /** Starts a daemon; {@link Listener#started} comes before anything else that is told of it. */
    public void start(Daemon daemon) throws CannotStartException {
        SpawnSpec spec = SpawnSpec.of(daemon, environment);
        lock.lock();
        try {
            Spawner.Spawned spawned = Spawner.spawn(spec);
            register(spawned.pid(), new Child.Daemon(daemon.name()));
            listener.started(daemon.name(), spawned.pid(), spawned.output());
        } finally {
            lock.unlock();
        }
        wake.release();
    }

    /**
     * Runs a probe's command with the daemon's user, environment and directory, in a session of its own; what it
     * writes goes to /dev/null. What it leaves behind dies with it.
     *
     * @param ended told under the lock, once; must be quick
     * @return kills it with its whole group; nothing when it has ended
     */
    public Runnable probe(Daemon daemon, List<String> command, Consumer<ExitStatus> ended) throws CannotStartException {
        SpawnSpec spec = SpawnSpec.of(daemon, command, environment);
        Child child = new Child.Probe(ended);
        int pid;
        lock.lock();
        try {
            pid = Spawner.spawnSilent(spec);
            register(pid, child);
        } finally {
            lock.unlock();
        }
        wake.release();
        return () -> kill(pid, child);
    }

    private void register(int pid, Child child) {
        started.put(pid, child);
        none = false;
    }

    /** As long as it is registered nobody has reaped it, and its number can't be another's. */
    private void kill(int pid, Child child) {
        lock.lock();
        try {
            if (started.get(pid) == child) {
                Processes.signalGroup(pid, Signal.KILL);
            }
        } finally {
            lock.unlock();
        }
    }

    public long orphansReaped() {
        return orphansReaped;
    }

    /**
     * Waits until there is no child left.
     *
     * @return false when there still is one at the deadline, a {@link System#nanoTime}
     */
    boolean awaitNone(long deadline) throws InterruptedException {
        lock.lock();
        try {
            while (!none) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                childless.await(left, TimeUnit.NANOSECONDS);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void reapForever() {
        try {
            while (true) {
                int pid = peek(0);
                if (pid > 0) {
                    reap(pid);
                } else {
                    sleepUntilThereIsAChild();
                }
            }
        } catch (Throwable fault) {
            listener.failed(fault);
        }
    }

    /** The pid of a dead child that is left unreaped; 0: none is dead; -ECHILD: there is no child. */
    private int peek(int options) {
        siginfo.fill((byte) 0);
        int result;
        do {
            result = Libc.callInt(WAITID, P_ALL, 0, siginfo.address(), WEXITED | WNOWAIT | options);
        } while (result == -Libc.EINTR);
        return result < 0 ? result : siginfo.get(JAVA_INT, SI_PID);
    }

    private void reap(int pid) {
        lock.lock();
        try {
            if (leavesNothing(started.get(pid))) {
                // while its number is still its own
                Processes.signalGroup(pid, Signal.KILL);
            }
            // never wait here, under the lock
            int reaped = Libc.callInt(WAITPID, pid, status.address(), WNOHANG);
            if (reaped != pid) {
                // the child of a spawn that failed: glibc has reaped it itself
                return;
            }
            switch (started.remove(pid)) {
                case Child.Daemon(String daemon) -> listener.exited(daemon, pid, decode(status.get(JAVA_INT, 0)));
                case Child.Probe(Consumer<ExitStatus> ended) -> ended.accept(decode(status.get(JAVA_INT, 0)));
                case null -> {
                    orphansReaped++;
                    listener.orphanReaped();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean leavesNothing(Child child) {
        return switch (child) {
            case Child.Daemon(String daemon) -> listener.killsRest(daemon);
            // what one asking left would come on top of what the next one leaves
            case Child.Probe _ -> true;
            case null -> false;
        };
    }

    /**
     * Without a child waitid(2) returns at once, for ever. A start ends that; so does an orphan that is handed to us,
     * of which we hear when it dies. SIGCHLD is taken only for that time: a handler costs a thread for each signal.
     */
    private void sleepUntilThereIsAChild() throws InterruptedException {
        wake.drainPermits();
        SignalHandlers.onChild(wake::release);
        try {
            while (isNone()) {
                wake.acquire();
            }
        } finally {
            SignalHandlers.resetChild();
        }
    }

    private boolean isNone() {
        lock.lock();
        try {
            none = peek(WNOHANG) == -Libc.ECHILD;
            if (none) {
                childless.signalAll();
            }
            return none;
        } finally {
            lock.unlock();
        }
    }

    /** As in wait(2). */
    private static ExitStatus decode(int status) {
        int signal = status & 0x7f;
        return signal == 0
                ? new ExitStatus.Code(status >> 8 & 0xff)
                : new ExitStatus.Killed(new Signal(signal), (status & 0x80) != 0);
    }
}
