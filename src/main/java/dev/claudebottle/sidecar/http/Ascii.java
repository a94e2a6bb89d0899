package dev.claudebottle.sidecar.http;

/** Text that can't drive a terminal: plain ASCII, everything else escaped as in JSON. */
public final class Ascii {

    private Ascii() {}

    /** One line: what would end it is escaped as well. */
    public static String line(String text) {
        return escaped(text, "");
    }

    /** Line ends and tabs stay; JSON means the same afterwards. */
    public static String lines(String text) {
        return escaped(text, "\n\t");
    }

    private static String escaped(String text, String kept) {
        StringBuilder shown = new StringBuilder(text.length());
        text.chars()
                .forEach(c -> shown.append(
                        c >= ' ' && c < 0x7f || kept.indexOf(c) >= 0 ? Character.toString(c) : "\\u%04x".formatted(c)));
        return shown.toString();
    }
}
