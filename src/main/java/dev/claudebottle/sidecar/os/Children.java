package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Our child processes: starts daemons and probes, and reaps every child that dies, orphans included. One thread, the
 * waiter, waits for all. It peeks (waitid(2) with WNOWAIT), takes the lock that a start holds until its pid is registered,
 * and reaps then. So it never takes the status of a daemon that dies at once for an orphan's.
 */
public final class Children {

    /** Called under the lock, in the order in which things happen, so its methods must not block. */
    public interface Listener {

        /** @param output the read end of the daemon's stdout and stderr; the listener owns it */
        void started(String daemon, int pid, int output);

        void exited(String daemon, int pid, ExitStatus status);

        /** Whether the rest of a dead daemon's session gets SIGKILL; called before {@link #exited}. */
        boolean killsSessionOf(String daemon);

        /** A process that is neither a daemon nor a probe has been reaped. */
        void orphanReaped();

        /** The waiter has ended by this fault. */
        void failed(Throwable fault);
    }

    private static final int P_ALL = 0;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x01000000;
    private static final int PR_SET_CHILD_SUBREAPER = 36;

    /** The offset of si_pid in a 64-bit siginfo_t (sigaction(2)). */
    private static final long SI_PID = 16;

    /** How long to wait for children that have just died, in nanoseconds. */
    public static final long REAP_TIME = TimeUnit.MILLISECONDS.toNanos(2);

    /** Between two rounds of SIGKILL, in nanoseconds. */
    private static final long KILL_INTERVAL = TimeUnit.MILLISECONDS.toNanos(20);

    private static final MemorySegment WAITID = Libc.function("waitid");
    private static final MemorySegment WAITPID = Libc.function("waitpid");

    private final Environment environment;
    private final Listener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition lastReaped = lock.newCondition();
    private final Map<Integer, Child> children = new ConcurrentHashMap<>();
    private final Semaphore wake = new Semaphore(0);
    private final MemorySegment siginfo = Arena.global().allocate(128, 8);
    private final MemorySegment status = Arena.global().allocate(JAVA_INT);
    private volatile long orphansReaped;
    private boolean childless = true;

    /** @param environment the environment that daemons inherit from */
    public Children(Environment environment, Listener listener) {
        this.environment = environment;
        this.listener = listener;
    }

    /** Starts the waiter, and makes us the reaper of orphans (PR_SET_CHILD_SUBREAPER) unless we are PID 1. */
    public void startReaping() {
        SignalHandlers.resetSigchld();
        if (!Processes.isInit()) {
            Libc.callInt(Libc.function("prctl"), PR_SET_CHILD_SUBREAPER, 1);
        }
        Thread waiter = new Thread(this::reapForever, "waiter");
        waiter.setDaemon(true);
        waiter.start();
    }

    /** Starts a daemon; {@link Listener#started} is called before {@link Listener#exited}, however quickly it dies. */
    public void start(Daemon daemon) throws CannotStartException {
        SpawnSpec spec = SpawnSpec.of(daemon, environment);
        lock.lock();
        try {
            Spawner.Spawned spawned = Spawner.spawn(spec);
            register(spawned.pid(), new Child.Daemon(daemon.name()));
            // before it can be reaped and its pid be another's
            Cgroups.hold(daemon.name(), spawned.pid());
            listener.started(daemon.name(), spawned.pid(), spawned.output());
        } finally {
            lock.unlock();
        }
        wake.release();
    }

    /**
     * Starts a probe's command with the daemon's user, environment and directory, in a session of its own, with stdout
     * and stderr to /dev/null. When it exits, the rest of its session gets SIGKILL.
     *
     * @param onExit called once, under the lock; must not block
     * @return kills its session; does nothing once it has exited
     */
    public Runnable startProbe(Daemon daemon, List<String> command, Consumer<ExitStatus> onExit)
            throws CannotStartException {
        SpawnSpec spec = SpawnSpec.of(daemon, command, environment);
        Child child = new Child.Probe(onExit);
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
        children.put(pid, child);
        childless = false;
    }

    /** A registered child has not been reaped, so its pid is not reused. */
    private void kill(int pid, Child child) {
        lock.lock();
        try {
            if (children.get(pid) == child) {
                Sessions.kill(pid);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The sessions of daemons and probes whose first process has not been reaped; does not wait for the lock. */
    public Set<Integer> sessions() {
        return new HashSet<>(children.keySet());
    }

    public long orphansReaped() {
        return orphansReaped;
    }

    /**
     * Kills and reaps every process that is left, in rounds, because processes may fork during a round.
     *
     * @param deadline a {@link System#nanoTime}
     * @return false when a child is left at the deadline
     */
    public boolean killAndReapAll(long deadline) throws InterruptedException {
        // usually all children are dead and only wait for the waiter
        boolean none = awaitChildless(System.nanoTime() + REAP_TIME);
        while (!none) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            Processes.killAll();
            none = awaitChildless(Math.min(deadline, System.nanoTime() + KILL_INTERVAL));
        }
        Cgroups.remove();
        return true;
    }

    /**
     * Waits until there is no child left.
     *
     * @return false when there is one at the deadline, a {@link System#nanoTime}
     */
    public boolean awaitChildless(long deadline) throws InterruptedException {
        lock.lock();
        try {
            while (!childless) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                lastReaped.await(left, TimeUnit.NANOSECONDS);
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
                    awaitChild();
                }
            }
        } catch (Throwable fault) {
            listener.failed(fault);
        }
    }

    /** Returns the pid of a dead child, without reaping it; 0 when none is dead, -ECHILD when there is no child. */
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
            if (killsSessionOf(children.get(pid))) {
                // before the reaping, after which the pid may be reused
                Sessions.kill(pid);
            }
            // WNOHANG: a wait would keep the lock
            int reaped = Libc.callInt(WAITPID, pid, status.address(), WNOHANG);
            if (reaped != pid) {
                // the child of a failed posix_spawn, which glibc has reaped
                return;
            }
            switch (children.remove(pid)) {
                case Child.Daemon(String daemon) -> listener.exited(daemon, pid, decode(status.get(JAVA_INT, 0)));
                case Child.Probe(Consumer<ExitStatus> onExit) -> onExit.accept(decode(status.get(JAVA_INT, 0)));
                case null -> {
                    orphansReaped++;
                    listener.orphanReaped();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean killsSessionOf(Child child) {
        return switch (child) {
            case Child.Daemon(String daemon) -> listener.killsSessionOf(daemon);
            // otherwise every attempt could leave more processes behind
            case Child.Probe _ -> true;
            case null -> false;
        };
    }

    /**
     * Waits until there is a child: without one, waitid(2) fails at once, and calling it again would be a busy loop. A start
     * ends the wait, and so does SIGCHLD when an orphan dies that became ours. SIGCHLD is handled only during this wait, because
     * waitid(2) sees every death at all other times.
     */
    private void awaitChild() throws InterruptedException {
        wake.drainPermits();
        SignalHandlers.onSigchld(wake::release);
        try {
            while (isChildless()) {
                wake.acquire();
            }
        } finally {
            SignalHandlers.stopSigchld();
        }
    }

    private boolean isChildless() {
        lock.lock();
        try {
            childless = peek(WNOHANG) == -Libc.ECHILD;
            if (childless) {
                lastReaped.signalAll();
            }
            return childless;
        } finally {
            lock.unlock();
        }
    }

    /** Decodes a status of waitpid(2). */
    private static ExitStatus decode(int status) {
        int signal = status & 0x7f;
        return signal == 0
                ? new ExitStatus.Code(status >> 8 & 0xff)
                : new ExitStatus.Killed(new Signal(signal), (status & 0x80) != 0);
    }
}
