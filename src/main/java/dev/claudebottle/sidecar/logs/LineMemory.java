package dev.claudebottle.sidecar.logs;

/** The memory that all unfinished lines take together. Used by the pump's thread alone. */
final class LineMemory {

    /** In bytes. */
    static final int MAX = 16 * 1024 * 1024;

    private int used;

    /** @param bytes negative: fewer */
    void add(int bytes) {
        used += bytes;
    }

    boolean isExceeded() {
        return used > MAX;
    }
}
