package dev.claudebottle.sidecar.logs;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;

/** Our own lines on their way to stdout, in order. Used by the pump's thread alone, except {@link #reserve} and {@link #dropped}. */
final class OwnLines {

    /** Bound of what waits for stdout, in bytes of memory, roughly; further lines are dropped and counted. */
    private static final int MAX_QUEUED = 1024 * 1024;

    /** Bytes of memory that a queued line takes besides its characters, roughly. */
    private static final int QUEUE_ENTRY = 192;

    /** It waits for the last words of {@code after}, unless that is null. */
    private record Entry(OwnLine line, DaemonPipe after) {}

    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();
    private final Deque<Entry> lines = new ArrayDeque<>();

    /** Returns false, and counts the line as dropped, when too much is queued already. */
    boolean reserve(OwnLine line) {
        if (queued.addAndGet(size(line)) <= MAX_QUEUED) {
            return true;
        }
        queued.addAndGet(-size(line));
        dropped.incrementAndGet();
        return false;
    }

    int dropped() {
        return dropped.get();
    }

    /**
     * Adds a line that was reserved.
     *
     * @param after the pipe whose last words come first; null: none
     */
    void add(OwnLine line, DaemonPipe after) {
        lines.add(new Entry(line, after));
    }

    /** Puts them out, up to one that still waits for last words. */
    void put(LineFormat format, OutputBuffer out) {
        while (!lines.isEmpty()) {
            Entry next = lines.peek();
            if (next.after() != null) {
                if (next.after().hasUnreadLastWords()) {
                    return;
                }
                next.after().flush();
            }
            queued.addAndGet(-size(next.line()));
            format.ownLine(out, next.line());
            lines.remove();
        }
    }

    private static int size(OwnLine line) {
        return QUEUE_ENTRY + line.message().length();
    }
}
