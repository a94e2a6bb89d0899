package dev.claudebottle.sidecar.lifecycle;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks that the notifications of a {@link Simulation} come in a consistent order. */
final class NotificationOrder {

    /** The types that may follow each type for one daemon. */
    private static final Map<Notification.Type, List<Notification.Type>> FOLLOWS = Map.of(
            Notification.Type.DAEMON_STARTED,
                    List.of(
                            Notification.Type.DAEMON_READY,
                            Notification.Type.DAEMON_UNREADY,
                            Notification.Type.DAEMON_EXITED),
            Notification.Type.DAEMON_READY,
                    List.of(
                            Notification.Type.DAEMON_RECOVERED,
                            Notification.Type.DAEMON_UNREADY,
                            Notification.Type.DAEMON_EXITED),
            Notification.Type.DAEMON_RECOVERED,
                    List.of(Notification.Type.DAEMON_UNREADY, Notification.Type.DAEMON_EXITED),
            Notification.Type.DAEMON_UNREADY,
                    List.of(
                            Notification.Type.DAEMON_READY,
                            Notification.Type.DAEMON_UNREADY,
                            Notification.Type.DAEMON_EXITED),
            // a planned restart is announced before the end that it leads to
            Notification.Type.DAEMON_EXITED,
                    List.of(
                            Notification.Type.DAEMON_CRASH_LOOPING,
                            Notification.Type.DAEMON_RESTARTING,
                            Notification.Type.DAEMON_STARTED,
                            Notification.Type.DAEMON_EXITED),
            Notification.Type.DAEMON_CRASH_LOOPING,
                    List.of(
                            Notification.Type.DAEMON_RESTARTING,
                            Notification.Type.DAEMON_STARTED,
                            Notification.Type.DAEMON_EXITED),
            Notification.Type.DAEMON_RESTARTING,
                    List.of(Notification.Type.DAEMON_STARTED, Notification.Type.DAEMON_EXITED));

    private final Map<String, Notification.Type> latest = new HashMap<>();
    private final Set<String> asked = new HashSet<>();
    private boolean stopping;

    void next(Notification notification) {
        Notification.Type type = notification.type();
        if (notification.daemon().isEmpty()) {
            check(!stopping, type, "after bundle.stopping");
            check(type != Notification.Type.BUNDLE_STARTED || latest.isEmpty(), type, "late");
            stopping |= type == Notification.Type.BUNDLE_STOPPING;
            return;
        }
        DaemonStatus daemon = notification.daemon().get();
        Notification.Type before = latest.put(daemon.name(), type);
        checkOrder(before, notification);
        checkAnnouncement(before, notification, daemon.name());
        boolean inStop = type == Notification.Type.DAEMON_STARTED || type == Notification.Type.DAEMON_EXITED;
        check(!stopping || inStop, type, "in a stop");
        boolean noLongerReady = type == Notification.Type.DAEMON_UNREADY
                && (before == Notification.Type.DAEMON_READY || before == Notification.Type.DAEMON_RECOVERED);
        check(
                daemon.gaps().isOpen()
                        || notification.planned()
                        || !noLongerReady && type != Notification.Type.DAEMON_RESTARTING,
                type,
                "without a gap");
        check(!daemon.gaps().isOpen() || type != Notification.Type.DAEMON_RECOVERED, type, "in a gap");
    }

    /** What follows an end, without a restart by the policy, has been asked for. */
    private void checkAnnouncement(Notification.Type before, Notification notification, String daemon) {
        Notification.Type type = notification.type();
        boolean ended = before == Notification.Type.DAEMON_EXITED || before == Notification.Type.DAEMON_CRASH_LOOPING;
        boolean startAnswered = type == Notification.Type.DAEMON_STARTED || type == Notification.Type.DAEMON_EXITED;
        if (ended && startAnswered) {
            check(asked.remove(daemon), type, "of a start that nobody announced");
        }
        if (type == Notification.Type.DAEMON_RESTARTING && notification.planned()) {
            asked.add(daemon);
        }
    }

    /** @param before the latest notification of the same daemon; null: there is none */
    static void checkOrder(Notification.Type before, Notification notification) {
        Notification.Type type = notification.type();
        if (type == Notification.Type.DAEMON_RESTARTING && notification.planned()) {
            // the operator may ask at any time
            return;
        }
        boolean first = type == Notification.Type.DAEMON_STARTED || type == Notification.Type.DAEMON_EXITED;
        check(before == null ? first : FOLLOWS.get(before).contains(type), type, "after " + before);
    }

    private static void check(boolean holds, Notification.Type type, String what) {
        if (!holds) {
            throw new AssertionError(type.word() + " " + what);
        }
    }
}
