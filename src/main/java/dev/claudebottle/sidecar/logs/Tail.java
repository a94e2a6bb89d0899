package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The bytes that one start of a daemon wrote last. They become lines only when somebody asks, which is rare. Filled by
 * the pump's thread, read by anyone.
 */
final class Tail {

    static final int SIZE = 16 * 1024;

    private static final byte[] NOTHING = {};
    private static final Escaper ESCAPER = new Escaper(false);
    private static final int MOST_CONTINUATIONS = 3;

    /** A daemon that never says anything needs none. */
    private byte[] ring = NOTHING;

    /** How many there have been; the next one goes where this is in the ring. */
    private long total;

    synchronized void add(byte[] chunk, int size) {
        if (ring.length == 0) {
            ring = new byte[SIZE];
        }
        int kept = Math.min(size, SIZE);
        total += size - kept;
        int at = (int) (total % SIZE);
        int first = Math.min(kept, SIZE - at);
        System.arraycopy(chunk, size - kept, ring, at, first);
        System.arraycopy(chunk, size - kept + first, ring, 0, kept - first);
        total += kept;
    }

    /** The last lines, made safe as in the log; a first one that was cut is left out, unless there is no other. */
    List<String> lines(int count) {
        byte[] bytes;
        boolean cut;
        synchronized (this) {
            bytes = bytes();
            cut = total > SIZE;
        }
        int from = cut ? behindCutLine(bytes) : 0;
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

    /** Where the first whole line begins; in the middle of the only one, at a character. */
    private static int behindCutLine(byte[] bytes) {
        int newline = AsciiScanner.nextNewline(bytes, 0, bytes.length);
        if (newline < bytes.length - 1) {
            return newline + 1;
        }
        int at = 0;
        while (at < MOST_CONTINUATIONS && (bytes[at] & 0xc0) == 0x80) {
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

    private static String safe(byte[] bytes, int from, int to) {
        Text text = new Text();
        ESCAPER.put(text, bytes, from, to);
        return text.bytes.toString(UTF_8);
    }

    private static final class Text implements Sink {

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
