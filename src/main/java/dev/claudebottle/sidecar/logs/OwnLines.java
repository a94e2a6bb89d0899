package dev.claudebottle.sidecar.logs;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;

/** Our own lines on their way to stdout, in order. Used by the pump's thread alone, except {@link #reserve} and {@link #dropped}. */
final class OwnLines {

    /** Bound of what waits for stdout, in bytes of memory, roughly; further lines are dropped and counted. */
    private static final int MAX_QUEUED = 1024 * 1024;

    /** Bytes of memory that a queued line takes besides its characters, roughly. */
    private static final int QUEUE_ENTRY = 128;

    /** It waits for the last words of {@code after}, unless that is null. */
    private record Line(String text, DaemonPipe after) {}

    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();
    private final Deque<Line> lines = new ArrayDeque<>();

    /** Returns false, and counts the line as dropped, when too much is queued already. */
    boolean reserve(String text) {
        if (queued.addAndGet(size(text)) <= MAX_QUEUED) {
            return true;
        }
        queued.addAndGet(-size(text));
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
    void add(String text, DaemonPipe after) {
        lines.add(new Line(text, after));
    }

    /** Puts them out, up to one that still waits for last words. */
    void put(LineFormat format, OutputBuffer out) {
        while (!lines.isEmpty()) {
            Line line = lines.peek();
            if (line.after() != null) {
                if (line.after().hasUnreadLastWords()) {
                    return;
                }
                line.after().flush();
            }
            queued.addAndGet(-size(line.text()));
            format.ownLine(out, line.text());
            lines.remove();
        }
    }

    private static int size(String text) {
        return QUEUE_ENTRY + text.length();
    }
}
