package dev.claudebottle.sidecar.logs;

import dev.claudebottle.sidecar.os.Descriptors;
import java.util.Arrays;

/** The pipe of one start of a daemon: turns its bytes into lines. Used by the pump's thread alone. */
final class DaemonPipe {

    /** A longer line is cut into pieces. */
    static final int MOST = 1024 * 1024;

    private static final byte[] NOTHING = {};

    /** A buffer that a long line has made larger than this is given back. */
    private static final int KEEP = 64 * 1024;

    final String daemon;
    final int fd;
    private final LineFormat.Label label;
    private final LineFormat format;
    private final OutputBuffer out;
    private final LogCounters counters;
    private final Tail tail = new Tail();

    /** The line so far. */
    private byte[] line = NOTHING;

    private int length;
    private boolean continued;

    /** Bytes that were in the pipe when its daemon's death came to us, and have not been read yet. */
    private int lastWords;

    private boolean open = true;

    /** Put out, and not counted yet. */
    private int lines;

    /** Nothing in the line that was looked at last needs escaping. */
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
     * A dead daemon's last words are what its pipe holds now. A grandchild that keeps the pipe, and may write for ever,
     * can't hold up the line about the death.
     */
    void expectLastWords() {
        if (open) {
            lastWords = Math.max(0, Descriptors.readable(fd));
        }
    }

    boolean owesLastWords() {
        return open && lastWords > 0;
    }

    /** Takes what was read from the pipe. */
    void accept(byte[] chunk, int size) {
        lastWords -= Math.min(lastWords, size);
        tail.add(chunk, size);
        int start = 0;
        int end = lineEnd(chunk, start, size);
        while (end < size) {
            endLine(chunk, start, end);
            start = end + 1;
            end = lineEnd(chunk, start, size);
        }
        append(chunk, start, size);
        // one byte more could be the \r of a line that just fits
        while (length > MOST + 1) {
            cut();
        }
        count(size);
    }

    /** Puts out a last line that has no newline (yet). */
    void flush() {
        if (length > 0) {
            end(line, 0, length);
            count(0);
        }
    }

    void close() {
        flush();
        open = false;
        // the tail may be asked for as long as there is no next start
        line = NOTHING;
    }

    /** One pass for nearly every line: most have nothing special in them but their newline. */
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

    /** Puts out the rest of a line, cut where it is still too long. */
    private void end(byte[] bytes, int from, int to) {
        int start = from;
        while (to - start > MOST) {
            int boundary = Utf8.boundary(bytes, start, start + MOST, to);
            put(bytes, start, boundary);
            continued = true;
            start = boundary;
        }
        put(bytes, start, to);
        continued = false;
        length = 0;
        if (line.length > KEEP) {
            line = NOTHING;
        }
    }

    private void cut() {
        int boundary = Utf8.boundary(line, 0, MOST, length);
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
