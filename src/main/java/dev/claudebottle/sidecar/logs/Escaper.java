package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.claudebottle.sidecar.bundle.Colour;
import dev.claudebottle.sidecar.bundle.LayoutControls;

/**
 * Makes a daemon's bytes safe to show: the result is valid UTF-8 without anything that ends the line, forges another or
 * controls a terminal. Invalid bytes become U+FFFD, one for each maximal subpart of a character (Unicode 16, section 3.9,
 * table 3-7). Control characters are written as {@code \x1b} or {@code \u202e}; complete SGR sequences (ECMA-48, 8.3.117) may be left
 * out. Allocates nothing.
 */
final class Escaper {

    private static final byte[] REPLACEMENT_CHARACTER = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);
    private static final byte BACKSLASH = '\\';

    /** Bytes that are copied as they are. */
    private final boolean[] plain = new boolean[256];

    private final boolean json;
    private final boolean strip;

    /** @param json whether the text goes into a JSON string */
    Escaper(boolean json, Colour colour) {
        this.json = json;
        this.strip = colour == Colour.STRIP;
        for (int b = 0x20; b < 0x7f; b++) {
            plain[b] = true;
        }
        plain['\t'] = !json;
        plain['"'] = !json;
        plain['\\'] = !json;
    }

    void put(ByteSink out, byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int run = at;
            while (run < to && plain[bytes[run] & 0xff]) {
                run++;
            }
            out.put(bytes, at, run);
            at = run < to ? special(out, bytes, run, to) : run;
        }
    }

    /** Puts the character at {@code at}, and returns the index of the next one. */
    private int special(ByteSink out, byte[] bytes, int at, int to) {
        int afterColour = strip ? afterColour(bytes, at, to) : at;
        if (afterColour > at) {
            return afterColour;
        }
        int first = bytes[at] & 0xff;
        if (first < 0x80) {
            ascii(out, first);
            return at + 1;
        }
        int length = Utf8.length(first);
        int have = Utf8.validPrefix(bytes, at, to);
        if (length == 0 || have < length) {
            out.put(REPLACEMENT_CHARACTER);
            return at + Math.max(1, have);
        }
        int character = length == 4 ? -1 : Utf8.decode(bytes, at, length);
        if (character >= 0x80 && character <= 0x9f) {
            hex(out, 'x', character, 2);
        } else if (LayoutControls.contains(character)) {
            hex(out, 'u', character, 4);
        } else {
            out.put(bytes, at, at + length);
        }
        return at + length;
    }

    /**
     * The index after the SGR sequence that begins at {@code at}, which is {@code at} when no complete one does. The look ahead passes only
     * bytes that can't begin another sequence, so the looks at a whole line pass each byte once at most.
     */
    private static int afterColour(byte[] bytes, int at, int to) {
        boolean introduced = at + 1 < to
                && (bytes[at] == 0x1b && bytes[at + 1] == '['
                        || bytes[at] == (byte) 0xc2 && bytes[at + 1] == (byte) 0x9b);
        int end = at + 2;
        while (introduced && end < to && bytes[end] >= '0' && bytes[end] <= ';') {
            end++;
        }
        return introduced && end < to && bytes[end] == 'm' ? end + 1 : at;
    }

    private void ascii(ByteSink out, int character) {
        if (json && (character == '"' || character == '\\')) {
            out.put(BACKSLASH);
            out.put((byte) character);
        } else if (json && character == '\t') {
            out.put(BACKSLASH);
            out.put((byte) 't');
        } else {
            hex(out, 'x', character, 2);
        }
    }

    private void hex(ByteSink out, char kind, int character, int digits) {
        out.put(BACKSLASH);
        if (json) {
            out.put(BACKSLASH);
        }
        out.put((byte) kind);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            out.put(HEX[character >> shift & 0xf]);
        }
    }
}
