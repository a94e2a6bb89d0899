package dev.claudebottle.sidecar.logs;

import java.util.Arrays;

/** Output that has been read from a pipe and not been turned into lines yet. */
final class KeptOutput {

    private byte[] bytes = {};
    private int taken;
    private int size;

    void add(byte[] source, int length) {
        if (size + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + length, 2 * size));
        }
        System.arraycopy(source, 0, bytes, size, length);
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
