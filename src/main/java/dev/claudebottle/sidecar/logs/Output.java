package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Our stdout, behind a buffer. Used by the pump's thread alone, which it blocks while nobody reads; the counters may be
 * read by anyone.
 */
final class Output {

    private static final int SIZE = 256 * 1024;

    /** A pipe that polls writable takes this much without blocking (PIPE_BUF, pipe(7)). */
    private static final int ATOMIC = 4096;

    private static final short POLLOUT = 4;

    private final int fd;
    private final byte[] buffer = new byte[SIZE];
    private final MemorySegment memory = Arena.global().allocate(SIZE);
    private final MemorySegment vector = Arena.global().allocate(16, 8);
    private final MemorySegment pollfd = Arena.global().allocate(8, 8);
    private int length;
    private boolean noWait;
    private int most;
    private boolean midLine;
    private volatile long written;
    private volatile long droppedLines;

    /** @param fd negative: there is no stdout, and every line is dropped and counted */
    Output(int fd) {
        this.fd = fd;
        boolean file = fd >= 0 && Descriptors.isSeekable(fd);
        this.noWait = !file;
        this.most = file ? SIZE : ATOMIC;
    }

    /** Bytes that are out, or given up; it grows as long as there is progress. */
    long written() {
        return written;
    }

    long droppedLines() {
        return droppedLines;
    }

    void put(byte value) {
        if (length == SIZE) {
            flush();
        }
        buffer[length++] = value;
    }

    void put(byte[] source) {
        put(source, 0, source.length);
    }

    void put(byte[] source, int from, int to) {
        int at = from;
        while (at < to) {
            if (length == SIZE) {
                flush();
            }
            int piece = Math.min(to - at, SIZE - length);
            System.arraycopy(source, at, buffer, length, piece);
            length += piece;
            at += piece;
        }
    }

    /** Puts out everything so far, however long that takes. */
    void flush() {
        if (fd >= 0) {
            MemorySegment.copy(buffer, 0, memory, JAVA_BYTE, 0, length);
        }
        int at = 0;
        while (at < length) {
            long result = fd >= 0 ? write(at) : -Descriptors.EPIPE;
            if (result >= 0) {
                at += (int) result;
                midLine = buffer[at - 1] != '\n';
            } else if (result == -Descriptors.EAGAIN) {
                awaitWritable();
            } else if (result == -Descriptors.EPIPE) {
                dropAll(at);
                at = length;
            } else {
                at = dropLine(at);
            }
            written += 1;
        }
        length = 0;
    }

    private long write(int at) {
        if (noWait) {
            long result = Descriptors.writeNoWait(fd, memory.asSlice(at, length - at), vector);
            if (result != -Descriptors.EOPNOTSUPP) {
                return result;
            }
            noWait = false;
        }
        if (most == ATOMIC) {
            awaitWritable();
        }
        return Descriptors.write(fd, memory.asSlice(at, Math.min(most, length - at)));
    }

    private void awaitWritable() {
        pollfd.set(JAVA_INT, 0, fd);
        pollfd.set(JAVA_SHORT, 4, POLLOUT);
        Descriptors.poll(pollfd, 1, -1);
    }

    /** Nobody will ever read again. */
    private void dropAll(int at) {
        for (int i = at; i < length; i++) {
            if (buffer[i] == '\n') {
                droppedLines++;
            }
        }
    }

    /** Gives up one line; what is out of it already gets its newline, so that the next one stands alone. */
    private int dropLine(int at) {
        droppedLines++;
        for (int i = at; i < length; i++) {
            if (buffer[i] == '\n') {
                boolean keepNewline = midLine && i > at;
                midLine = false;
                return keepNewline ? i : i + 1;
            }
        }
        return length;
    }
}
