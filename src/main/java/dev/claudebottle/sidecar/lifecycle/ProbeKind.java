package dev.claudebottle.sidecar.lifecycle;

/** What a probe is for. */
public enum ProbeKind {
    /** Whether the daemon does its work now. */
    READINESS,
    /** Whether it can still be expected to. */
    LIVENESS
}
