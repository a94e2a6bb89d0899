package dev.claudebottle.sidecar.bundle;

import java.util.Locale;
import java.util.Optional;

/** What a daemon's death does to the rest of the bundle. */
public enum FailurePolicy {
    /** Say so once; the others run on. */
    LEAVE,
    /** Start it again, after a delay that grows. */
    RESTART,
    /** Stop the bundle. */
    TEARDOWN;

    /** The word of configuration files, variables and {@code /status}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<FailurePolicy> parse(String word) {
        for (FailurePolicy policy : values()) {
            if (policy.word().equals(word)) {
                return Optional.of(policy);
            }
        }
        return Optional.empty();
    }
}
