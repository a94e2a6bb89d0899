package dev.claudebottle.sidecar.bundle;

import java.util.List;

/** What runs when nobody gives a bundle file, and the values that a file leaves out. */
public final class BuiltInBundle {

    /** Below the ten seconds after which container engines kill. */
    private static final TimeSpan GRACE = TimeSpan.parse("8s").orElseThrow();

    private BuiltInBundle() {}

    public static Bundle get() {
        return new Bundle(
                FailurePolicy.LEAVE,
                GRACE,
                LogFormat.TEXT,
                List.of(
                        Daemon.of("egress", "/bin/sh", "/app/egress-entrypoint.sh"),
                        Daemon.of("pipelock", "/usr/local/bin/pipelock", "run", "--config", "/etc/pipelock.yaml"),
                        Daemon.of("git-gate", "/bin/sh", "/git-gate-entrypoint.sh"),
                        Daemon.of("supervise", "python3", "/app/supervise_server.py")));
    }
}
