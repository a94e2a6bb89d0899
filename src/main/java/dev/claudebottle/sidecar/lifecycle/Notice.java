package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that the operator may want to hear of.
 *
 * @param daemon the daemon as it is then; empty: it is about the bundle
 * @param nextStartIn how long until it is started again
 * @param gap how long it had not guarded
 */
public record Notice(
        Type type, Instant at, Optional<DaemonStatus> daemon, Optional<Duration> nextStartIn, Optional<Duration> gap) {

    /** What it is about. */
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

        /** As events spell it. */
        public String word() {
            return word;
        }
    }

    static Notice ofBundle(Type type, Moment now) {
        return new Notice(type, now.utc(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    static Notice of(Type type, Moment now, DaemonStatus daemon) {
        return new Notice(type, now.utc(), Optional.of(daemon), Optional.empty(), Optional.empty());
    }

    static Notice restarting(Moment now, DaemonStatus daemon, Duration delay) {
        return new Notice(Type.DAEMON_RESTARTING, now.utc(), Optional.of(daemon), Optional.of(delay), Optional.empty());
    }

    static Notice recovered(Moment now, DaemonStatus daemon, Duration gap) {
        return new Notice(Type.DAEMON_RECOVERED, now.utc(), Optional.of(daemon), Optional.empty(), Optional.of(gap));
    }
}
