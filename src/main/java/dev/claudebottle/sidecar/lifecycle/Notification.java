package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A change that the operator may want to know.
 *
 * @param daemon its status after the change; empty: the change is one of the bundle
 * @param nextStartIn the delay before a restart
 * @param gap the length of the gap that a recovery closes
 * @param planned the operator has asked for this end or restart, or that made the gap that a recovery closes
 */
public record Notification(
        Type type,
        Instant at,
        Optional<DaemonStatus> daemon,
        Optional<Duration> nextStartIn,
        Optional<Duration> gap,
        boolean planned) {

    /** What has changed. */
    public enum Type {
        BUNDLE_STARTED("bundle.started"),
        BUNDLE_READY("bundle.ready"),
        BUNDLE_STOPPING("bundle.stopping"),
        DAEMON_STARTED("daemon.started"),
        DAEMON_READY("daemon.ready"),
        DAEMON_UNREADY("daemon.unready"),
        DAEMON_EXITED("daemon.exited"),
        DAEMON_RESTARTING("daemon.restarting"),
        DAEMON_CRASH_LOOPING("daemon.crash-looping"),
        DAEMON_RECOVERED("daemon.recovered");

        private final String word;

        Type(String word) {
            this.word = word;
        }

        /** The name that events use. */
        public String word() {
            return word;
        }
    }

    static Notification ofBundle(Type type, Timestamp now) {
        return new Notification(type, now.utc(), Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    static Notification of(Type type, Timestamp now, DaemonStatus daemon) {
        return new Notification(type, now.utc(), Optional.of(daemon), Optional.empty(), Optional.empty(), false);
    }

    static Notification exited(Timestamp now, DaemonStatus daemon, boolean planned) {
        return new Notification(
                Type.DAEMON_EXITED, now.utc(), Optional.of(daemon), Optional.empty(), Optional.empty(), planned);
    }

    static Notification restarting(Timestamp now, DaemonStatus daemon, Duration delay) {
        return new Notification(
                Type.DAEMON_RESTARTING, now.utc(), Optional.of(daemon), Optional.of(delay), Optional.empty(), false);
    }

    /** The operator has asked for a restart; the start follows the end of the daemon, whenever that is. */
    static Notification plannedRestart(Timestamp now, DaemonStatus daemon) {
        return new Notification(
                Type.DAEMON_RESTARTING, now.utc(), Optional.of(daemon), Optional.empty(), Optional.empty(), true);
    }

    static Notification recovered(Timestamp now, DaemonStatus daemon, Duration gap, boolean planned) {
        return new Notification(
                Type.DAEMON_RECOVERED, now.utc(), Optional.of(daemon), Optional.empty(), Optional.of(gap), planned);
    }
}
