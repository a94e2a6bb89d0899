package dev.claudebottle.sidecar.bundle;

import java.util.Locale;
import java.util.Optional;

/** What a crash loop does. */
public enum CrashLoopAction {
    /** Guards heal: go on restarting. */
    KEEP_TRYING,
    /** As {@link FailurePolicy#LEAVE}. */
    LEAVE,
    /** As {@link FailurePolicy#TEARDOWN}. */
    TEARDOWN;

    /** The word of configuration files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<CrashLoopAction> parse(String word) {
        for (CrashLoopAction action : values()) {
            if (action.word().equals(word)) {
                return Optional.of(action);
            }
        }
        return Optional.empty();
    }
}
