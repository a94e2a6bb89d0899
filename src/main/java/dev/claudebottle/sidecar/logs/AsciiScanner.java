package dev.claudebottle.sidecar.logs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds the next byte that is not plain printable ASCII, eight at a time: the pump's innermost loop. The arithmetic is
 * the classic test of all bytes of a word at once; a borrow can only spoil bytes behind the first hit.
 */
final class AsciiScanner {

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x80 * ONES;
    private static final long SPACE = ' ' * ONES;
    private static final long DEL = 0x7f * ONES;

    private AsciiScanner() {}

    /** Where the first byte below 0x20 or above 0x7e is; {@code to} when there is none. */
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

    /** Where the next newline is; {@code to} when there is none. */
    static int nextNewline(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '\n') {
            at++;
        }
        return at;
    }
}
