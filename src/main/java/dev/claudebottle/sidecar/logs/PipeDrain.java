package dev.claudebottle.sidecar.logs;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits until the pump has read everything that a dead daemon wrote, then returns its last lines. */
final class PipeDrain implements OutputTail {

    private final DaemonPipe pipe;
    private final int count;
    private final CountDownLatch read = new CountDownLatch(1);

    PipeDrain(DaemonPipe pipe, int count) {
        this.pipe = pipe;
        this.count = count;
    }

    /** Starts to wait for what the pipe holds now; called by the pump's thread. */
    void expect() {
        pipe.expectLastWords();
    }

    /**
     * Releases the waiter once the output has been read; called by the pump's thread.
     *
     * @return whether it has been read
     */
    boolean releaseIfRead() {
        boolean over = !pipe.owesLastWords();
        if (over) {
            read.countDown();
        }
        return over;
    }

    @Override
    public List<String> by(long deadline) throws InterruptedException {
        // at the deadline, what has been read until then has to do
        var _ = read.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        return pipe.tail().lines(count);
    }
}
