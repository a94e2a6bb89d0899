package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Our stdout. Used by the writer's thread alone, which blocks while stdout does; any thread may read the counters.
 * After an error the current line is dropped and counted, and the next one is tried.
 */
final class Stdout {

    /** A pipe that polls writable takes this many bytes without blocking (pipe(7)). */
    private static final int PIPE_BUF = 4096;

    private static final short POLLOUT = 4;

    private final int fd;
    private final MemorySegment memory = Arena.global().allocate(Page.SIZE);
    private final MemorySegment newline = Arena.global().allocateFrom(JAVA_BYTE, (byte) '\n');
    private final MemorySegment vector = Arena.global().allocate(16, 8);
    private final MemorySegment pollfd = Arena.global().allocate(8, 8);
    private final MemorySegment directMemory = Arena.global().allocate(PIPE_BUF);
    private final MemorySegment directPollfd = Arena.global().allocate(8, 8);
    private boolean noWait;
    private int maxWrite;

    /** What has been written ends in the middle of a line. */
    private boolean midLine;

    /** The current line could not be written; the rest of it is skipped. */
    private boolean skipping;

    /** A line was dropped after half of it had been written: a newline keeps the next one apart. */
    private boolean needsNewline;

    private volatile long progress;
    private volatile long droppedLines;

    /** @param fd negative: there is no stdout, and every line is dropped and counted */
    Stdout(int fd) {
        this.fd = fd;
        directMemory.set(JAVA_BYTE, 0, (byte) '\n');
        boolean file = fd >= 0 && Descriptors.isSeekable(fd);
        this.noWait = !file;
        this.maxWrite = file ? Page.SIZE : PIPE_BUF;
    }

    /** A number that grows while there is progress: whenever something has been written or dropped. */
    long progress() {
        return progress;
    }

    long droppedLines() {
        return droppedLines;
    }

    /** Writes a whole page; blocks while stdout does. */
    void write(Page page) {
        if (fd >= 0) {
            MemorySegment.copy(page.bytes, 0, memory, JAVA_BYTE, 0, page.length);
        }
        int at = 0;
        while (at < page.length) {
            at = skipping ? skipLine(page, at) : tryToWrite(page, at);
            progress++;
        }
    }

    /**
     * Writes lines past the writer's thread, which must be dead, idle or blocked: after a fault of ours. Gives up at the deadline, a {@link
     * System#nanoTime}. Needs next to no memory.
     */
    void writeDirectly(byte[] lines, long deadline) {
        if (fd < 0) {
            return;
        }
        MemorySegment bytes = directMemory.asSlice(0, lines.length + 1L);
        MemorySegment.copy(lines, 0, bytes, JAVA_BYTE, 1, lines.length);
        long at = midLine ? 0 : 1;
        while (at < bytes.byteSize()) {
            directPollfd.set(JAVA_INT, 0, fd);
            directPollfd.set(JAVA_SHORT, 4, POLLOUT);
            long left = (deadline - System.nanoTime()) / 1_000_000;
            // a pipe that polls writable takes PIPE_BUF bytes without blocking, which these lines are not
            if (left <= 0 || Descriptors.poll(directPollfd, 1, (int) left) <= 0) {
                return;
            }
            long written = Descriptors.write(fd, bytes.asSlice(at));
            if (written <= 0) {
                return;
            }
            at += written;
        }
    }

    /** Returns the index after what has been written: {@code at} to try again, or when the line is dropped. */
    private int tryToWrite(Page page, int at) {
        long result =
                fd < 0 ? -Descriptors.EPIPE : write(needsNewline ? newline : memory.asSlice(at, page.length - at));
        if (result == -Descriptors.EAGAIN) {
            awaitWritable();
            return at;
        }
        if (result < 0) {
            droppedLines++;
            skipping = true;
            needsNewline |= midLine;
            midLine = false;
            return at;
        }
        if (needsNewline) {
            needsNewline = false;
            return at;
        }
        int next = at + (int) result;
        midLine = page.bytes[next - 1] != '\n';
        return next;
    }

    /** Returns the index after the dropped line, which may end in a later page. */
    private int skipLine(Page page, int at) {
        int end = at;
        while (end < page.length && page.bytes[end] != '\n') {
            end++;
        }
        skipping = end == page.length;
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
        if (maxWrite == PIPE_BUF) {
            awaitWritable();
        }
        return Descriptors.write(fd, bytes.asSlice(0, Math.min(maxWrite, bytes.byteSize())));
    }

    private void awaitWritable() {
        pollfd.set(JAVA_INT, 0, fd);
        pollfd.set(JAVA_SHORT, 4, POLLOUT);
        Descriptors.poll(pollfd, 1, -1);
    }
}
