package dev.claudebottle.sidecar.logs;

import java.util.Arrays;

/** Turns the bytes of one start of a daemon into lines and puts them out. Used by the pump's thread alone. */
final class LineAssembler {

    private static final byte[] EMPTY = {};

    /** A larger line buffer is released after its line. */
    private static final int MAX_IDLE_BUFFER = 64 * 1024;

    private final LineFormat.Label label;
    private final int maxLine;
    private final LineFormat format;
    private final OutputBuffer out;
    private final LogCounters counters;
    private final LineMemory lineMemory;

    /** The current line so far. */
    private byte[] line = EMPTY;

    private int length;
    private boolean continued;

    /** Lines put out since the last {@link #count}. */
    private int lines;

    /** Whether the part that {@link #lineEnd} scanned last is printable ASCII. */
    private boolean plain;

    /** @param maxLine in bytes as read, without the newline; a longer line is cut into pieces */
    LineAssembler(
            String daemon,
            int maxLine,
            LineFormat format,
            OutputBuffer out,
            LogCounters counters,
            LineMemory lineMemory) {
        this.label = format.label(daemon);
        this.maxLine = maxLine;
        this.format = format;
        this.out = out;
        this.counters = counters;
        this.lineMemory = lineMemory;
    }

    /** Takes the next bytes. */
    void accept(byte[] chunk, int size) {
        int start = 0;
        int end = lineEnd(chunk, start, size);
        while (end < size) {
            endLine(chunk, start, end);
            start = end + 1;
            end = lineEnd(chunk, start, size);
        }
        append(chunk, start, size);
        cut();
        count(size);
    }

    /** Puts out a line that has no newline yet. */
    void flush() {
        if (length > 0) {
            end(line, 0, length);
            count(0);
        }
    }

    /** Puts out what there is, and frees its memory. */
    void close() {
        flush();
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

    /** Frees the memory that the unfinished line does not need. */
    void trim() {
        lineMemory.add(length - line.length);
        line = Arrays.copyOf(line, length);
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
        if (length == 0 && plain && end - start <= maxLine) {
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
        while (to - start > maxLine) {
            int boundary = Utf8.boundary(bytes, start, start + maxLine, to);
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

    /** Puts out pieces of a line that is too long already. The rest is moved once: pieces may be small, and a chunk is not. */
    private void cut() {
        int start = 0;
        // the byte after a line of the maximum length could be its \r
        while (length - start > maxLine + 1) {
            int boundary = Utf8.boundary(line, start, start + maxLine, length);
            put(line, start, boundary);
            continued = true;
            start = boundary;
        }
        if (start > 0) {
            System.arraycopy(line, start, line, 0, length - start);
            length -= start;
        }
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
            int larger = Math.max(needed, Math.min(2 * line.length, maxLine + 2));
            lineMemory.add(larger - line.length);
            line = Arrays.copyOf(line, larger);
        }
        System.arraycopy(bytes, from, line, length, to - from);
        length = needed;
    }
}
