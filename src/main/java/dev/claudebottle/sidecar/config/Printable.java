package dev.claudebottle.sidecar.config;

/** What the user typed, made fit for one line of a terminal. */
final class Printable {

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
    static String printable(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                shown.append(String.format("\\x%02x", c));
            } else if (isLineOrDirection(c) || Character.getType(c) == Character.SURROGATE) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    private static boolean isLineOrDirection(int c) {
        return c == 0x2028
                || c == 0x2029
                || c == 0x061c
                || c == 0x200e
                || c == 0x200f
                || c >= 0x202a && c <= 0x202e
                || c >= 0x2066 && c <= 0x2069;
    }
}
