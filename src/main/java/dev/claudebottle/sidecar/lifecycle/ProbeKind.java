package dev.claudebottle.sidecar.lifecycle;

/** What a probe finds out. */
public enum ProbeKind {
    /** Whether the daemon does its work now. */
    READINESS,
    /** Whether the daemon still works, or has to be stopped. */
    LIVENESS
}
