package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.LayoutControls;

/** What the user typed, made safe to show on one line of a terminal. */
public final class Printable {

    private static final int LONGEST = 200;

    private Printable() {}

    static String quoted(String text) {
        return '"' + cut(text) + '"';
    }

    static String cut(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return text.substring(0, end) + "…";
    }

    /** Escapes what would break the line, drive the terminal or turn the reading direction. */
    public static String printable(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                shown.append(String.format("\\x%02x", c));
            } else if (LayoutControls.contains(c) || Character.getType(c) == Character.SURROGATE) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
