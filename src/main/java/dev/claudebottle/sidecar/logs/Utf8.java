package dev.claudebottle.sidecar.logs;

/** The shape of UTF-8 (Unicode 16, section 3.9, table 3-7). */
final class Utf8 {

    private static final int MOST_BYTES = 4;

    private Utf8() {}

    /** The length that a first byte promises; 0 where no character starts so. */
    static int length(int first) {
        if (first < 0x80) {
            return 1;
        }
        return first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    }

    /** How many bytes from {@code at} on belong to one character, which may lack some at its end. */
    static int validPrefix(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xff;
        int length = length(first);
        int have = Math.min(length, 1);
        while (have > 0 && have < length && at + have < to && follows(first, have, bytes[at + have] & 0xff)) {
            have++;
        }
        return have;
    }

    static int decode(byte[] bytes, int at, int length) {
        int character = length == 2 ? bytes[at] & 0x1f : bytes[at] & 0x0f;
        for (int i = 1; i < length; i++) {
            character = character << 6 | bytes[at + i] & 0x3f;
        }
        return character;
    }

    /** The last place at or before {@code at} where a cut splits no character. */
    static int boundary(byte[] bytes, int from, int at, int to) {
        for (int start = at - 1; start >= from && start > at - MOST_BYTES; start--) {
            if ((bytes[start] & 0xc0) != 0x80) {
                return start + validPrefix(bytes, start, to) > at ? start : at;
            }
        }
        return at;
    }

    /** The second byte must make neither an overlong form, nor a surrogate, nor more than U+10FFFF. */
    private static boolean follows(int first, int index, int next) {
        if (index > 1) {
            return (next & 0xc0) == 0x80;
        }
        int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        return next >= low && next <= high;
    }
}
