package dev.claudebottle.sidecar.bundle;

/** What becomes of the colours in daemons' output: of SGR sequences, such as {@code ESC [ 3 2 m}. */
public enum Colour implements Word {
    /** They are escaped, as all control characters are. */
    ESCAPE,
    /** They are left out. */
    STRIP
}
