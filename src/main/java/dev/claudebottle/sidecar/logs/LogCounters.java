package dev.claudebottle.sidecar.logs;

/** Counts what one daemon writes, over all its starts. The pump's thread adds, once a chunk; any thread may read. */
final class LogCounters {

    private volatile long lines;
    private volatile long bytes;

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // only the pump's thread writes
    void add(int moreLines, int moreBytes) {
        lines += moreLines;
        bytes += moreBytes;
    }

    LogTotals totals() {
        return new LogTotals(lines, bytes);
    }
}
