package dev.claudebottle.sidecar.logs;

/** What one daemon has written. Changed by the pump's thread, once a chunk; read by anyone. */
final class Written {

    private volatile long lines;
    private volatile long bytes;

    /** The latest start's. */
    private volatile Source latest;

    void started(Source source) {
        latest = source;
    }

    Source latest() {
        return latest;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
    void add(int moreLines, int moreBytes) {
        lines += moreLines;
        bytes += moreBytes;
    }

    Totals totals() {
        return new Totals(lines, bytes);
    }
}
