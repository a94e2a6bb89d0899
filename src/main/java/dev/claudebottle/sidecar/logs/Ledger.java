package dev.claudebottle.sidecar.logs;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What every daemon has written. Asked by anyone. */
final class Ledger {

    private final Map<String, Written> daemons = new ConcurrentHashMap<>();

    Source started(String daemon, int fd, LineFormat format, Output out) {
        Written written = daemons.computeIfAbsent(daemon, _ -> new Written());
        Source source = new Source(daemon, fd, format, out, written);
        written.started(source);
        return source;
    }

    /** The latest start; null when there has been none. */
    Source latest(String daemon) {
        Written written = daemons.get(daemon);
        return written == null ? null : written.latest();
    }

    Totals totals(String daemon) {
        Written written = daemons.get(daemon);
        return written == null ? new Totals(0, 0) : written.totals();
    }
}
