package dev.claudebottle.sidecar.logs;

/** What one daemon has written. Changed by the pump's thread, once a chunk; read by anyone. */
final class LogCounters {

    private volatile long lines;
    private volatile long bytes;

    /** The latest start's. */
    private volatile DaemonPipe latest;

    void started(DaemonPipe pipe) {
        latest = pipe;
    }

    DaemonPipe latest() {
        return latest;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
    void add(int moreLines, int moreBytes) {
        lines += moreLines;
        bytes += moreBytes;
    }

    LogTotals totals() {
        return new LogTotals(lines, bytes);
    }
}
