package dev.claudebottle.sidecar.logs;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The last lines of a pipe, once the pump has read its last words. */
final class PendingTail implements OutputTail {

    private final DaemonPipe pipe;
    private final int count;
    private final CountDownLatch read = new CountDownLatch(1);

    /** How much of the pipe must have been read. */
    private long lastWords;

    private volatile boolean abandoned;

    PendingTail(DaemonPipe pipe, int count) {
        this.pipe = pipe;
        this.count = count;
    }

    /** Takes what the pipe holds now as its last words; called by the pump's thread. */
    void markLastWords() {
        lastWords = pipe.written();
    }

    /**
     * Releases the waiter once the last words have been read; called by the pump's thread.
     *
     * @return whether nobody waits any more
     */
    boolean releaseIfRead() {
        boolean complete = pipe.hasRead(lastWords);
        if (complete) {
            read.countDown();
        }
        return complete || abandoned;
    }

    @Override
    public List<String> await(long deadline) throws InterruptedException {
        // a timeout is no error: the lines read so far are returned
        abandoned = !read.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        return pipe.tail().lines(count);
    }
}
