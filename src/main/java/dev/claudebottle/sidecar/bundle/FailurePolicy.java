package dev.claudebottle.sidecar.bundle;

/** What a daemon's death does to the rest of the bundle. */
public enum FailurePolicy implements Word {
    /** Log it once; the others run on. */
    LEAVE,
    /** Start it again, after a delay that grows. */
    RESTART,
    /** Stop the bundle. */
    TEARDOWN
}
