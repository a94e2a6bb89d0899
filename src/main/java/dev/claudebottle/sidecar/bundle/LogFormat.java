package dev.claudebottle.sidecar.bundle;

/** How lines go to stdout. */
public enum LogFormat implements Word {
    /** {@code [name] line}. */
    TEXT,
    /** One JSON object a line. */
    JSON
}
