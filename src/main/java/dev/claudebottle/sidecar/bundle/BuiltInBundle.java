package dev.claudebottle.sidecar.bundle;

import java.util.List;
import java.util.Optional;

/** What runs when nobody gives a bundle file, and the values that a file leaves out. */
public final class BuiltInBundle {

    /** Below the ten seconds after which container engines kill. */
    private static final TimeSpan GRACE = TimeSpan.parse("8s").orElseThrow();

    private static final RestartPolicy RESTART = new RestartPolicy(
            TimeSpan.parse("500ms").orElseThrow(),
            TimeSpan.parse("30s").orElseThrow(),
            TimeSpan.parse("60s").orElseThrow(),
            5,
            TimeSpan.parse("60s").orElseThrow(),
            CrashLoopAction.KEEP_TRYING);

    private static final int OUTPUT_LINES = 20;

    private BuiltInBundle() {}

    /** Without a URL for notifications: whether there is one by default, the settings knows, after the selection. */
    public static Bundle get() {
        return new Bundle(
                FailurePolicy.LEAVE,
                GRACE,
                RESTART,
                Optional.empty(),
                OUTPUT_LINES,
                LogFormat.TEXT,
                List.of(),
                List.of(
                        Daemon.of("egress", "/bin/sh", "/app/egress-entrypoint.sh"),
                        Daemon.of("pipelock", "/usr/local/bin/pipelock", "run", "--config", "/etc/pipelock.yaml"),
                        Daemon.of("git-gate", "/bin/sh", "/git-gate-entrypoint.sh"),
                        Daemon.of("supervise", "python3", "/app/supervise_server.py")));
    }
}
