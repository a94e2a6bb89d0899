package dev.claudebottle.sidecar.bundle;

/** What a crash loop does. */
public enum CrashLoopAction implements Word {
    /** Guards heal: go on restarting. */
    KEEP_TRYING,
    /** As {@link FailurePolicy#LEAVE}. */
    LEAVE,
    /** As {@link FailurePolicy#TEARDOWN}. */
    TEARDOWN
}
