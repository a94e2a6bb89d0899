package dev.claudebottle.sidecar.logs;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The latest pipe of each daemon, and the counters of all its pipes. Safe from any thread. */
final class DaemonPipes {

    private final Map<String, LogCounters> daemons = new ConcurrentHashMap<>();

    DaemonPipe started(String daemon, int fd, LineFormat format, OutputBuffer out) {
        LogCounters counters = daemons.computeIfAbsent(daemon, _ -> new LogCounters());
        DaemonPipe pipe = new DaemonPipe(daemon, fd, format, out, counters);
        counters.started(pipe);
        return pipe;
    }

    /** The latest start; null when there has been none. */
    DaemonPipe latest(String daemon) {
        LogCounters counters = daemons.get(daemon);
        return counters == null ? null : counters.latest();
    }

    LogTotals totals(String daemon) {
        LogCounters counters = daemons.get(daemon);
        return counters == null ? new LogTotals(0, 0) : counters.totals();
    }
}
