package dev.claudebottle.sidecar.logs;

/** Well-formed UTF-8 (Unicode 16, section 3.9, table 3-7). */
final class Utf8 {

    private static final int MAX_LENGTH = 4;

    private Utf8() {}

    /** The length of a character with this first byte; 0 when no character starts with it. */
    static int length(int first) {
        if (first < 0x80) {
            return 1;
        }
        return first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    }

    /** The number of bytes at {@code at} that begin one character, which may be incomplete. */
    static int validPrefix(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xff;
        int length = length(first);
        int have = Math.min(length, 1);
        while (have > 0 && have < length && at + have < to && follows(first, have, bytes[at + have] & 0xff)) {
            have++;
        }
        return have;
    }

    /** The code point of a well-formed character of two or three bytes. */
    static int decode(byte[] bytes, int at, int length) {
        int character = length == 2 ? bytes[at] & 0x1f : bytes[at] & 0x0f;
        for (int i = 1; i < length; i++) {
            character = character << 6 | bytes[at + i] & 0x3f;
        }
        return character;
    }

    /** The last index at or before {@code at} where a cut splits no character. */
    static int boundary(byte[] bytes, int from, int at, int to) {
        for (int start = at - 1; start >= from && start > at - MAX_LENGTH; start--) {
            if ((bytes[start] & 0xc0) != 0x80) {
                return start + validPrefix(bytes, start, to) > at ? start : at;
            }
        }
        return at;
    }

    /** A second byte must not make an overlong form, a surrogate or a code point above U+10FFFF. */
    private static boolean follows(int first, int index, int next) {
        if (index > 1) {
            return (next & 0xc0) == 0x80;
        }
        int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        return next >= low && next <= high;
    }
}
