package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Our stdout. Used by the writer's thread alone, which it blocks while nobody reads; the counters may be read by anyone.
 */
final class Stdout {

    /** A pipe that polls writable takes this much without blocking (PIPE_BUF, pipe(7)). */
    private static final int ATOMIC = 4096;

    private static final short POLLOUT = 4;

    private final int fd;
    private final MemorySegment memory = Arena.global().allocate(Page.SIZE);
    private final MemorySegment newline = Arena.global().allocateFrom(JAVA_BYTE, (byte) '\n');
    private final MemorySegment vector = Arena.global().allocate(16, 8);
    private final MemorySegment pollfd = Arena.global().allocate(8, 8);
    private boolean noWait;
    private int most;

    /** What is out ends in the middle of a line. */
    private boolean midLine;

    /** The line at hand could not be written; what is still to come of it is skipped. */
    private boolean givenUp;

    /** Half of a line is out whose rest was given up; the next one shall stand alone. */
    private boolean owesNewline;

    private volatile long written;
    private volatile long droppedLines;

    /** @param fd negative: there is no stdout, and every line is dropped and counted */
    Stdout(int fd) {
        this.fd = fd;
        boolean file = fd >= 0 && Descriptors.isSeekable(fd);
        this.noWait = !file;
        this.most = file ? Page.SIZE : ATOMIC;
    }

    /** It grows as long as there is progress: bytes that are out, or given up. */
    long written() {
        return written;
    }

    long droppedLines() {
        return droppedLines;
    }

    /** Puts out a whole page, however long that takes. */
    void write(Page page) {
        if (fd >= 0) {
            MemorySegment.copy(page.bytes, 0, memory, JAVA_BYTE, 0, page.length);
        }
        int at = 0;
        while (at < page.length) {
            at = givenUp ? skipLine(page, at) : tryToWrite(page, at);
            written += 1;
        }
    }

    /** Returns how far we are: no further, when it has to be tried again or the line is given up. */
    private int tryToWrite(Page page, int at) {
        long result = fd < 0 ? -Descriptors.EPIPE : write(owesNewline ? newline : memory.asSlice(at, page.length - at));
        if (result == -Descriptors.EAGAIN) {
            awaitWritable();
            return at;
        }
        if (result < 0) {
            droppedLines++;
            givenUp = true;
            owesNewline |= midLine;
            midLine = false;
            return at;
        }
        if (owesNewline) {
            owesNewline = false;
            return at;
        }
        int next = at + (int) result;
        midLine = page.bytes[next - 1] != '\n';
        return next;
    }

    /** Behind the line that is given up, which may end only in the next page. */
    private int skipLine(Page page, int at) {
        int end = at;
        while (end < page.length && page.bytes[end] != '\n') {
            end++;
        }
        givenUp = end == page.length;
        return Math.min(end + 1, page.length);
    }

    private long write(MemorySegment bytes) {
        if (noWait) {
            long result = Descriptors.writeNoWait(fd, bytes, vector);
            if (result != -Descriptors.EOPNOTSUPP) {
                return result;
            }
            noWait = false;
        }
        if (most == ATOMIC) {
            awaitWritable();
        }
        return Descriptors.write(fd, bytes.asSlice(0, Math.min(most, bytes.byteSize())));
    }

    private void awaitWritable() {
        pollfd.set(JAVA_INT, 0, fd);
        pollfd.set(JAVA_SHORT, 4, POLLOUT);
        Descriptors.poll(pollfd, 1, -1);
    }
}
