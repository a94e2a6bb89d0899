package dev.claudebottle.sidecar.logs;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Somebody waits until what a start has written has been read. */
final class LastWords implements LastLines {

    private final Source source;
    private final int count;
    private final CountDownLatch read = new CountDownLatch(1);

    LastWords(Source source, int count) {
        this.source = source;
        this.count = count;
    }

    /** On the pump's thread. */
    void expect() {
        source.expectLastWords();
    }

    /** Tells whoever waits, when it is so far; on the pump's thread. */
    boolean tell() {
        boolean over = !source.owesLastWords();
        if (over) {
            read.countDown();
        }
        return over;
    }

    @Override
    public List<String> by(long deadline) throws InterruptedException {
        // read or not: what we have is what there is
        var _ = read.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        return source.tail().lines(count);
    }
}
