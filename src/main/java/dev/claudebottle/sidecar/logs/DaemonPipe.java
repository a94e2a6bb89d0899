package dev.claudebottle.sidecar.logs;

import dev.claudebottle.sidecar.os.Descriptors;
import java.util.Arrays;

/** The pipe of one start of a daemon: turns its bytes into lines. Used by the pump's thread alone, except {@link #tail}. */
final class DaemonPipe {

    /** In bytes as read, without the newline; a longer line is cut into pieces. */
    static final int MAX_LINE = 1024 * 1024;

    private static final byte[] EMPTY = {};

    /** A larger line buffer is released after its line. */
    private static final int MAX_IDLE_BUFFER = 64 * 1024;

    final String daemon;
    final int fd;
    private final LineFormat.Label label;
    private final LineFormat format;
    private final OutputBuffer out;
    private final LogCounters counters;
    private final Tail tail = new Tail();

    /** The current line so far. */
    private byte[] line = EMPTY;

    private int length;
    private boolean continued;

    /** Bytes that were in the pipe at {@link #markLastWords} and have not been read yet. */
    private int unreadLastWords;

    private boolean open = true;

    /** Lines put out since the last {@link #count}. */
    private int lines;

    /** Whether the part that {@link #lineEnd} scanned last is printable ASCII. */
    private boolean plain;

    DaemonPipe(String daemon, int fd, LineFormat format, OutputBuffer out, LogCounters counters) {
        this.daemon = daemon;
        this.fd = fd;
        this.label = LineFormat.Label.of(daemon);
        this.format = format;
        this.out = out;
        this.counters = counters;
    }

    Tail tail() {
        return tail;
    }

    /**
     * Takes what the pipe holds now as the last words of a daemon that has died. Counting them, not waiting for the end
     * of the pipe, keeps a grandchild that writes for ever from holding up the line about the death.
     */
    void markLastWords() {
        if (open) {
            unreadLastWords = Math.max(0, Descriptors.available(fd));
        }
    }

    boolean hasUnreadLastWords() {
        return open && unreadLastWords > 0;
    }

    /** Takes a chunk that was read from the pipe. */
    void accept(byte[] chunk, int size) {
        unreadLastWords -= Math.min(unreadLastWords, size);
        tail.add(chunk, size);
        int start = 0;
        int end = lineEnd(chunk, start, size);
        while (end < size) {
            endLine(chunk, start, end);
            start = end + 1;
            end = lineEnd(chunk, start, size);
        }
        append(chunk, start, size);
        // the byte after a line of the maximum length could be its \r
        while (length > MAX_LINE + 1) {
            cut();
        }
        count(size);
    }

    /** Puts out a line that has no newline yet. */
    void flush() {
        if (length > 0) {
            end(line, 0, length);
            count(0);
        }
    }

    void close() {
        flush();
        open = false;
        // the pipe itself stays reachable for its tail until the next start
        line = EMPTY;
    }

    /** Returns the index of the newline; one pass finds it in a line of printable ASCII, which nearly all are. */
    private int lineEnd(byte[] chunk, int start, int size) {
        int special = AsciiScanner.nextSpecial(chunk, start, size);
        plain = special == size || chunk[special] == '\n';
        return plain ? special : AsciiScanner.nextNewline(chunk, special, size);
    }

    private void endLine(byte[] chunk, int start, int end) {
        if (length == 0 && plain) {
            format.begin(out, label, false);
            format.plain(out, chunk, start, end);
            format.end(out, false);
            lines++;
        } else if (length == 0) {
            end(chunk, start, withoutReturn(chunk, start, end));
        } else {
            append(chunk, start, end);
            end(line, 0, withoutReturn(line, 0, length));
        }
    }

    private static int withoutReturn(byte[] bytes, int start, int end) {
        return end > start && bytes[end - 1] == '\r' ? end - 1 : end;
    }

    /** Puts out the rest of a line, in pieces while it is too long. */
    private void end(byte[] bytes, int from, int to) {
        int start = from;
        while (to - start > MAX_LINE) {
            int boundary = Utf8.boundary(bytes, start, start + MAX_LINE, to);
            put(bytes, start, boundary);
            continued = true;
            start = boundary;
        }
        put(bytes, start, to);
        continued = false;
        length = 0;
        if (line.length > MAX_IDLE_BUFFER) {
            line = EMPTY;
        }
    }

    private void cut() {
        int boundary = Utf8.boundary(line, 0, MAX_LINE, length);
        put(line, 0, boundary);
        continued = true;
        System.arraycopy(line, boundary, line, 0, length - boundary);
        length -= boundary;
    }

    private void put(byte[] bytes, int from, int to) {
        format.begin(out, label, continued);
        format.text(out, bytes, from, to);
        format.end(out, continued);
        lines++;
    }

    private void count(int bytes) {
        counters.add(lines, bytes);
        lines = 0;
    }

    private void append(byte[] bytes, int from, int to) {
        int needed = length + to - from;
        if (needed > line.length) {
            line = Arrays.copyOf(line, Math.max(needed, 2 * line.length));
        }
        System.arraycopy(bytes, from, line, length, to - from);
        length = needed;
    }
}
