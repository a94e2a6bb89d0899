package dev.claudebottle.sidecar.logs;

import dev.claudebottle.sidecar.bundle.Logs;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The latest pipe of each daemon, and the totals of all its pipes. Safe from any thread. */
final class DaemonPipes {

    private final Map<String, LogCounters> counters = new ConcurrentHashMap<>();
    private final Map<String, DaemonPipe> latest = new ConcurrentHashMap<>();
    private final LineMemory lineMemory = new LineMemory();
    private final Logs logs;
    private final LineFormat format;
    private final OutputBuffer out;

    /** Last lines are text in each format: their JSON is made later. */
    private final Escaper tailEscaper;

    DaemonPipes(Logs logs, LineFormat format, OutputBuffer out) {
        this.logs = logs;
        this.format = format;
        this.out = out;
        this.tailEscaper = new Escaper(false, logs.colour());
    }

    LineMemory lineMemory() {
        return lineMemory;
    }

    DaemonPipe add(String daemon, int fd) {
        LogCounters daemonCounters = counters.computeIfAbsent(daemon, _ -> new LogCounters());
        LineAssembler lines =
                new LineAssembler(daemon, logs.maxLine().bytes(), format, out, daemonCounters, lineMemory);
        DaemonPipe pipe = new DaemonPipe(daemon, fd, lines, new Tail(tailEscaper));
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
