package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Output that has been read from a pipe and not been turned into lines yet. */
final class KeptOutput {

    private byte[] bytes = {};
    private int taken;
    private int size;

    void add(MemorySegment source, int length) {
        if (size + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + length, 2 * size));
        }
        MemorySegment.copy(source, JAVA_BYTE, 0, bytes, size, length);
        size += length;
    }

    /** Moves the oldest bytes, as many as fit; returns their number. */
    int take(byte[] target) {
        int length = Math.min(size - taken, target.length);
        System.arraycopy(bytes, taken, target, 0, length);
        taken += length;
        return length;
    }

    boolean isEmpty() {
        return taken == size;
    }

    /** In bytes of memory. */
    int memory() {
        return bytes.length;
    }
}
