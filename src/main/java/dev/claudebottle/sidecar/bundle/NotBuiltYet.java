package dev.claudebottle.sidecar.bundle;

import java.util.List;

/**
 * The parts of the format whose effect this version does not have. They are validated like all others and then refused: a guard
 * that someone believes is restarted or probed must not run without it. Delete a name here when its effect is built.
 */
final class NotBuiltYet {

    static final List<String> BUNDLE_KEYS = List.of("restart", "notify", "events", "forward_hup");

    static final List<String> DAEMON_KEYS = List.of("depends_on", "readiness", "liveness");

    static final String FAILURE_POLICY = "restart";

    private NotBuiltYet() {}
}
