package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.MemorySegment;

/** The pipe of one start of a daemon. Used by the pump's thread alone, except where a method says so, and {@link #tail}. */
final class DaemonPipe {

    /** Of the objects, in bytes, roughly. */
    private static final int OVERHEAD = 256;

    final String daemon;
    private final LineAssembler lines;
    private final Tail tail;

    /** Negative: closed. */
    private int fd;

    /** What was read while stdout was blocked, until it is turned into lines; null: nothing. */
    private KeptOutput kept;

    /** Bytes that have been read from the pipe, and those that have been turned into lines. */
    private long read;

    private long accepted;

    /** How much the daemon had written at {@link #markLastWords}. */
    private long lastWords;

    private volatile boolean open = true;
    private volatile boolean earlierStart;

    /** @param fd the read end; owned by this pipe */
    DaemonPipe(String daemon, int fd, LineAssembler lines, Tail tail) {
        this.daemon = daemon;
        this.fd = fd;
        this.lines = lines;
        this.tail = tail;
    }

    Tail tail() {
        return tail;
    }

    /** Negative when it has been closed. */
    int fd() {
        return fd;
    }

    /** Whether there may be more to read, kept output included. */
    boolean isOpen() {
        return open;
    }

    /** The daemon has been started again; from any thread. */
    void markEarlierStart() {
        earlierStart = true;
    }

    boolean isOfAnEarlierStart() {
        return earlierStart;
    }

    /** In bytes, roughly: what keeping this pipe costs. */
    int memory() {
        return OVERHEAD + tail.memory() + (kept == null ? 0 : kept.memory());
    }

    /** Gives up the descriptor, which the caller closes. */
    int takeDescriptor() {
        int taken = fd;
        fd = -1;
        return taken;
    }

    /** Reads a chunk as {@link #read} does, and keeps it: stdout is blocked. */
    int keep(MemorySegment memory, byte[] chunk) {
        int size = readDescriptor(memory, chunk);
        if (size > 0) {
            if (kept == null) {
                kept = new KeptOutput();
            }
            kept.add(chunk, size);
        }
        return size;
    }

    /** Whether there is something to read, or the end to be seen, that poll(2) does not report. */
    boolean hasKeptOutput() {
        return open && (kept != null || fd < 0);
    }

    /**
     * Reads a chunk.
     *
     * @param memory for the system call; at most as large as the chunk
     * @return the number of bytes; 0 at the end; negative when there is nothing now
     */
    int read(MemorySegment memory, byte[] chunk) {
        if (kept != null) {
            int size = kept.take(chunk);
            if (kept.isEmpty()) {
                kept = null;
            }
            return size;
        }
        return readDescriptor(memory, chunk);
    }

    private int readDescriptor(MemorySegment memory, byte[] chunk) {
        long size = fd < 0 ? 0 : Descriptors.read(fd, memory);
        if (size == -Descriptors.EAGAIN) {
            return -1;
        }
        if (size <= 0) {
            return 0;
        }
        MemorySegment.copy(memory, JAVA_BYTE, 0, chunk, 0, (int) size);
        tail.add(chunk, (int) size);
        read += size;
        return (int) size;
    }

    /** How much the daemon has written until now. */
    long written() {
        return read + (fd < 0 ? 0 : Math.max(0, Descriptors.available(fd)));
    }

    /** Whether this much has been read. */
    boolean hasRead(long position) {
        return !open || read >= position;
    }

    /**
     * Takes what the pipe holds now as the last words of a daemon that has died. Counting them, not waiting for the end
     * of the pipe, keeps a grandchild that writes for ever from holding up the line about the death.
     */
    void markLastWords() {
        if (open) {
            lastWords = written();
        }
    }

    boolean hasUnreadLastWords() {
        return open && accepted < lastWords;
    }

    /** Turns a chunk that was read into lines. */
    void accept(byte[] chunk, int size) {
        accepted += size;
        lines.accept(chunk, size);
    }

    /** Puts out a line that has no newline yet. */
    void flush() {
        lines.flush();
    }

    /** The pipe itself stays reachable for its tail until the next start. */
    void close() {
        lines.close();
        open = false;
    }

    LineAssembler lines() {
        return lines;
    }
}
