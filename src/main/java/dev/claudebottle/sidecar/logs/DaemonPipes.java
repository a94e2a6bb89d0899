package dev.claudebottle.sidecar.logs;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The latest pipe of each daemon, and the totals of all its pipes. Safe from any thread. */
final class DaemonPipes {

    private final Map<String, LogCounters> counters = new ConcurrentHashMap<>();
    private final Map<String, DaemonPipe> latest = new ConcurrentHashMap<>();
    private final LineMemory lineMemory = new LineMemory();

    LineMemory lineMemory() {
        return lineMemory;
    }

    DaemonPipe add(String daemon, int fd, LineFormat format, OutputBuffer out) {
        LogCounters daemonCounters = counters.computeIfAbsent(daemon, _ -> new LogCounters());
        DaemonPipe pipe =
                new DaemonPipe(daemon, fd, new LineAssembler(daemon, format, out, daemonCounters, lineMemory));
        DaemonPipe previous = latest.put(daemon, pipe);
        if (previous != null) {
            previous.markEarlierStart();
        }
        return pipe;
    }

    /** The pipe of the daemon's latest start; null when it has never been started. */
    DaemonPipe latest(String daemon) {
        return latest.get(daemon);
    }

    LogTotals totals(String daemon) {
        LogCounters daemonCounters = counters.get(daemon);
        return daemonCounters == null ? new LogTotals(0, 0) : daemonCounters.totals();
    }
}
