package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The last bytes that one start of a daemon wrote. They are split into lines only when they are read, which is rare.
 * The pump's thread adds, any thread may read.
 */
final class Tail {

    static final int SIZE = 16 * 1024;

    private static final byte[] EMPTY = {};
    private static final int MAX_CONTINUATION_BYTES = 3;

    private final Escaper escaper;

    /** Grows with the bytes, up to {@link #SIZE}: a daemon that writes little costs little. */
    private byte[] ring = EMPTY;

    /** All bytes ever added; modulo {@link #SIZE}, the index in the ring of the next one. */
    private long total;

    Tail(Escaper escaper) {
        this.escaper = escaper;
    }

    synchronized void add(byte[] chunk, int size) {
        long needed = Math.min(total + size, SIZE);
        if (ring.length < needed) {
            ring = Arrays.copyOf(ring, (int) Math.min(SIZE, Math.max(needed, 2L * ring.length)));
        }
        int kept = Math.min(size, SIZE);
        total += size - kept;
        int at = (int) (total % SIZE);
        int first = Math.min(kept, SIZE - at);
        System.arraycopy(chunk, size - kept, ring, at, first);
        System.arraycopy(chunk, size - kept + first, ring, 0, kept - first);
        total += kept;
    }

    /** In bytes. */
    synchronized int memory() {
        return ring.length;
    }

    /** The last lines, escaped as in the log. A first line that lacks its beginning is left out unless it is the only one. */
    List<String> lines(int count) {
        byte[] bytes;
        boolean truncated;
        synchronized (this) {
            bytes = bytes();
            truncated = total > SIZE;
        }
        int from = truncated ? afterTruncatedLine(bytes) : 0;
        Deque<String> lines = new ArrayDeque<>();
        int end = bytes.length > 0 && bytes[bytes.length - 1] == '\n' ? bytes.length - 1 : bytes.length;
        boolean terminated = end < bytes.length;
        while (lines.size() < count && end >= from && from < bytes.length) {
            int start = lineStart(bytes, from, end);
            boolean carriageReturn = terminated && end > start && bytes[end - 1] == '\r';
            lines.addFirst(safe(bytes, start, carriageReturn ? end - 1 : end));
            end = start - 1;
            terminated = true;
        }
        return List.copyOf(lines);
    }

    private byte[] bytes() {
        byte[] bytes = new byte[(int) Math.min(total, SIZE)];
        int oldest = (int) ((total - bytes.length) % SIZE);
        int first = Math.min(bytes.length, SIZE - oldest);
        System.arraycopy(ring, oldest, bytes, 0, first);
        System.arraycopy(ring, 0, bytes, first, bytes.length - first);
        return bytes;
    }

    /** The start of the first complete line, or of the first complete character where there is only one line. */
    private static int afterTruncatedLine(byte[] bytes) {
        int newline = AsciiScanner.nextNewline(bytes, 0, bytes.length);
        if (newline < bytes.length - 1) {
            return newline + 1;
        }
        int at = 0;
        while (at < MAX_CONTINUATION_BYTES && (bytes[at] & 0xc0) == 0x80) {
            at++;
        }
        return at;
    }

    private static int lineStart(byte[] bytes, int from, int end) {
        int start = end;
        while (start > from && bytes[start - 1] != '\n') {
            start--;
        }
        return start;
    }

    private String safe(byte[] bytes, int from, int to) {
        Text text = new Text();
        escaper.put(text, bytes, from, to);
        return text.bytes.toString(UTF_8);
    }

    private static final class Text implements ByteSink {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void put(byte value) {
            bytes.write(value);
        }

        @Override
        public void put(byte[] source) {
            bytes.writeBytes(source);
        }

        @Override
        public void put(byte[] source, int from, int to) {
            bytes.write(source, from, to - from);
        }
    }
}
