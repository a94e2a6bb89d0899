package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The pipe of one start of a daemon: turns its bytes into lines. Used by the pump's thread alone, except {@link #tail}. */
final class DaemonPipe {

    /** In bytes as read, without the newline; a longer line is cut into pieces. */
    static final int MAX_LINE = 1024 * 1024;

    private static final byte[] EMPTY = {};

    /** Of the objects, in bytes, roughly. */
    private static final int OVERHEAD = 256;

    /** A larger line buffer is released after its line. */
    private static final int MAX_IDLE_BUFFER = 64 * 1024;

    final String daemon;
    private final LineFormat.Label label;
    private final LineFormat format;
    private final OutputBuffer out;
    private final LogCounters counters;
    private final LineMemory lineMemory;
    private final Tail tail = new Tail();

    /** Negative: closed. */
    private int fd;

    /** What was read while stdout was blocked, until it is turned into lines; null: nothing. */
    private KeptOutput kept;

    /** Bytes that have been read from the pipe, and those that have been turned into lines. */
    private long read;

    private long accepted;

    /** The current line so far. */
    private byte[] line = EMPTY;

    private int length;
    private boolean continued;

    /** How much the daemon had written at {@link #markLastWords}. */
    private long lastWords;

    private volatile boolean open = true;
    private volatile boolean earlierStart;

    /** Lines put out since the last {@link #count}. */
    private int lines;

    /** Whether the part that {@link #lineEnd} scanned last is printable ASCII. */
    private boolean plain;

    DaemonPipe(
            String daemon, int fd, LineFormat format, OutputBuffer out, LogCounters counters, LineMemory lineMemory) {
        this.daemon = daemon;
        this.fd = fd;
        this.label = LineFormat.Label.of(daemon);
        this.format = format;
        this.out = out;
        this.counters = counters;
        this.lineMemory = lineMemory;
    }

    Tail tail() {
        return tail;
    }

    /** Negative when it has been closed. */
    int fd() {
        return fd;
    }

    /** Whether there may be more to read, kept output included. */
    boolean isOpen() {
        return open;
    }

    /** The daemon has been started again; from any thread. */
    void markEarlierStart() {
        earlierStart = true;
    }

    boolean isOfAnEarlierStart() {
        return earlierStart;
    }

    /** In bytes, roughly: what keeping this pipe costs. */
    int memory() {
        return OVERHEAD + tail.memory() + (kept == null ? 0 : kept.memory());
    }

    /** Gives up the descriptor, which the caller closes. */
    int takeDescriptor() {
        int taken = fd;
        fd = -1;
        return taken;
    }

    /** Takes bytes that were read from the descriptor while stdout is blocked. */
    void keep(MemorySegment bytes, int size) {
        if (kept == null) {
            kept = new KeptOutput();
        }
        kept.add(bytes, size);
        byte[] copy = new byte[size];
        MemorySegment.copy(bytes, JAVA_BYTE, 0, copy, 0, size);
        tail.add(copy, size);
        read += size;
    }

    /** Whether there is something to read, or the end to be seen, that poll(2) does not report. */
    boolean hasKeptOutput() {
        return open && (kept != null || fd < 0);
    }

    /**
     * Reads a chunk.
     *
     * @param memory for the system call
     * @return the number of bytes; 0 at the end; negative when there is nothing now
     */
    int read(MemorySegment memory, byte[] chunk) {
        if (kept != null) {
            int size = kept.take(chunk);
            if (kept.isEmpty()) {
                kept = null;
            }
            return size;
        }
        long size = fd < 0 ? 0 : Descriptors.read(fd, memory);
        if (size == -Descriptors.EAGAIN) {
            return -1;
        }
        if (size <= 0) {
            return 0;
        }
        MemorySegment.copy(memory, JAVA_BYTE, 0, chunk, 0, (int) size);
        tail.add(chunk, (int) size);
        read += size;
        return (int) size;
    }

    /** How much the daemon has written until now. */
    long written() {
        return read + (fd < 0 ? 0 : Math.max(0, Descriptors.available(fd)));
    }

    /** Whether this much has been read. */
    boolean hasRead(long position) {
        return !open || read >= position;
    }

    /**
     * Takes what the pipe holds now as the last words of a daemon that has died. Counting them, not waiting for the end
     * of the pipe, keeps a grandchild that writes for ever from holding up the line about the death.
     */
    void markLastWords() {
        if (open) {
            lastWords = written();
        }
    }

    boolean hasUnreadLastWords() {
        return open && accepted < lastWords;
    }

    /** Turns a chunk that was read into lines. */
    void accept(byte[] chunk, int size) {
        accepted += size;
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
        releaseLine();
    }

    /** The length of the line that has no newline yet. */
    int unfinished() {
        return length;
    }

    /** Puts the unfinished line out as a piece, to free its memory. */
    void putPiece() {
        // something must be left: what ends the line may be all that follows
        int boundary = Utf8.boundary(line, 0, length - 1, length);
        put(line, 0, boundary);
        continued = true;
        byte[] rest = Arrays.copyOfRange(line, boundary, length);
        releaseLine();
        append(rest, 0, rest.length);
        count(0);
    }

    /** Frees the memory of a line that has ended. */
    void releaseIdleLine() {
        if (length == 0) {
            releaseLine();
        }
    }

    private void releaseLine() {
        lineMemory.add(-line.length);
        line = EMPTY;
        length = 0;
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
            releaseLine();
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
            int larger = Math.max(needed, Math.min(2 * line.length, MAX_LINE + 2));
            lineMemory.add(larger - line.length);
            line = Arrays.copyOf(line, larger);
        }
        System.arraycopy(bytes, from, line, length, to - from);
        length = needed;
    }
}
