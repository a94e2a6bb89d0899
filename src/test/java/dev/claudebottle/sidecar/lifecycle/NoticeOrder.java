package dev.claudebottle.sidecar.lifecycle;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether the notices of a {@link History} come in an order that makes sense to those who hear nothing else. */
final class NoticeOrder {

    /** What may follow what, of one daemon. */
    private static final Map<Notice.Type, List<Notice.Type>> FOLLOWS = Map.of(
            Notice.Type.DAEMON_STARTED, List.of(Notice.Type.DAEMON_READY, Notice.Type.DAEMON_EXITED),
            Notice.Type.DAEMON_READY,
                    List.of(Notice.Type.DAEMON_RECOVERED, Notice.Type.DAEMON_UNREADY, Notice.Type.DAEMON_EXITED),
            Notice.Type.DAEMON_RECOVERED, List.of(Notice.Type.DAEMON_UNREADY, Notice.Type.DAEMON_EXITED),
            Notice.Type.DAEMON_UNREADY, List.of(Notice.Type.DAEMON_READY, Notice.Type.DAEMON_EXITED),
            Notice.Type.DAEMON_EXITED, List.of(Notice.Type.DAEMON_CRASH_LOOPING, Notice.Type.DAEMON_RESTARTING),
            Notice.Type.DAEMON_CRASH_LOOPING, List.of(Notice.Type.DAEMON_RESTARTING),
            Notice.Type.DAEMON_RESTARTING, List.of(Notice.Type.DAEMON_STARTED, Notice.Type.DAEMON_EXITED));

    private final Map<String, Notice.Type> latest = new HashMap<>();
    private boolean stopping;

    void next(Notice notice) {
        Notice.Type type = notice.type();
        if (notice.daemon().isEmpty()) {
            check(!stopping, type, "after bundle.stopping");
            check(type != Notice.Type.BUNDLE_STARTED || latest.isEmpty(), type, "late");
            stopping |= type == Notice.Type.BUNDLE_STOPPING;
            return;
        }
        DaemonStatus daemon = notice.daemon().get();
        Notice.Type before = latest.put(daemon.name(), type);
        boolean first = type == Notice.Type.DAEMON_STARTED || type == Notice.Type.DAEMON_EXITED;
        check(before == null ? first : FOLLOWS.get(before).contains(type), type, "after " + before);
        boolean inStop = type == Notice.Type.DAEMON_STARTED || type == Notice.Type.DAEMON_EXITED;
        check(!stopping || inStop, type, "in a stop");
        check(
                daemon.gaps().isOpen() || type != Notice.Type.DAEMON_UNREADY && type != Notice.Type.DAEMON_RESTARTING,
                type,
                "without a gap");
        check(!daemon.gaps().isOpen() || type != Notice.Type.DAEMON_RECOVERED, type, "in a gap");
    }

    private static void check(boolean holds, Notice.Type type, String what) {
        if (!holds) {
            throw new AssertionError(type.word() + " " + what);
        }
    }
}
