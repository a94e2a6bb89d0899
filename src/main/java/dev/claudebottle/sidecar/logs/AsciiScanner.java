package dev.claudebottle.sidecar.logs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds the next byte that is not printable ASCII, eight bytes at a time: the pump's innermost loop. The arithmetic
 * tests all bytes of a word at once ("Bit Twiddling Hacks": determine if a word has a byte less than n). A borrow can
 * only falsify bytes after the first hit, and the first hit is all that is used.
 */
final class AsciiScanner {

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x80 * ONES;
    private static final long SPACE = ' ' * ONES;
    private static final long DEL = 0x7f * ONES;

    private AsciiScanner() {}

    /** The index of the first byte below 0x20 or above 0x7e; {@code to} when there is none. */
    static int nextSpecial(byte[] bytes, int from, int to) {
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            long word = (long) WORD.get(bytes, at);
            long notDel = word ^ DEL;
            long special = (word | (word - SPACE) & ~word | (notDel - ONES) & ~notDel) & HIGH;
            if (special != 0) {
                return at + (Long.numberOfTrailingZeros(special) >>> 3);
            }
        }
        while (at < to && bytes[at] >= ' ' && bytes[at] != 0x7f) {
            at++;
        }
        return at;
    }

    /** The index of the next newline; {@code to} when there is none. */
    static int nextNewline(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '\n') {
            at++;
        }
        return at;
    }
}
