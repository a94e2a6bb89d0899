package dev.claudebottle.sidecar.bundle;

import java.util.List;

/** What runs without a bundle file. */
public final class BuiltInBundle {

    private BuiltInBundle() {}

    /** Without a URL for notifications: the settings add the default one after the selection. */
    public static Bundle get() {
        return Bundle.builder()
                .daemons(List.of(
                        Daemon.of("egress", "/bin/sh", "/app/egress-entrypoint.sh"),
                        Daemon.of("pipelock", "/usr/local/bin/pipelock", "run", "--config", "/etc/pipelock.yaml"),
                        Daemon.of("git-gate", "/bin/sh", "/git-gate-entrypoint.sh"),
                        Daemon.of("supervise", "python3", "/app/supervise_server.py")))
                .build();
    }
}
