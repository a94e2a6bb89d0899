package dev.claudebottle.sidecar.bundle;

/** Characters that end a line or turn the reading direction, besides the control characters. They are shown escaped. */
public final class LayoutControls {

    private LayoutControls() {}

    /** Line and paragraph separator, and what Unicode calls Bidi_Control. */
    public static boolean contains(int character) {
        return character == 0x2028
                || character == 0x2029
                || character == 0x061c
                || character == 0x200e
                || character == 0x200f
                || character >= 0x202a && character <= 0x202e
                || character >= 0x2066 && character <= 0x2069;
    }
}
