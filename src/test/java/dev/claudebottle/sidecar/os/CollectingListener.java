package dev.claudebottle.sidecar.os;

import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps every start and exit. */
final class CollectingListener implements Children.Listener {

    /** One start of a daemon. */
    record Start(String daemon, int pid, int output) {}

    private final Map<String, Start> starts = new HashMap<>();
    private final Map<Integer, ExitStatus> exits = new HashMap<>();
    private final List<Integer> order = new ArrayList<>();
    private long orphans;
    private Throwable fault;

    /** The answer of the method of this name. */
    volatile boolean killsSessionOf;

    @Override
    public synchronized void started(String daemon, int pid, int output) {
        starts.put(daemon, new Start(daemon, pid, output));
        // pids are reused
        exits.remove(pid);
    }

    @Override
    public synchronized void exited(String daemon, int pid, ExitStatus status) {
        if (starts.get(daemon).pid() != pid || exits.put(pid, status) != null) {
            fault = new AssertionError("exited, but does not run: " + daemon + ", pid " + pid);
        }
        order.add(pid);
        notifyAll();
    }

    @Override
    public boolean killsSessionOf(String daemon) {
        return killsSessionOf;
    }

    @Override
    public synchronized void orphanReaped() {
        orphans++;
        notifyAll();
    }

    @Override
    public synchronized void failed(Throwable problem) {
        fault = problem;
        notifyAll();
    }

    synchronized Start start(String daemon) {
        return starts.get(daemon);
    }

    synchronized long orphans() {
        return orphans;
    }

    synchronized boolean isDead(int pid) {
        return exits.containsKey(pid);
    }

    synchronized ExitStatus awaitExit(int pid) throws InterruptedException {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!exits.containsKey(pid)) {
            check(deadline, "pid " + pid + " has not exited");
        }
        return exits.get(pid);
    }

    synchronized void awaitOrphans(long count) throws InterruptedException {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (orphans < count) {
            check(deadline, "only " + orphans + " orphans of " + count);
        }
    }

    private void check(long deadline, String problem) throws InterruptedException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (fault != null || left <= 0) {
            throw new AssertionError(problem, fault);
        }
        wait(left);
    }
}
