package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A real pipe of the kernel's default size. The owner of an end closes it. */
public final class TestPipe {

    /** Bytes that it holds. */
    public static final int SIZE = 64 * 1024;

    private static final int F_SETFL = 4;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int O_WRONLY = 1;
    private static final int O_NONBLOCK = 0x800;
    private static final int RLIMIT_FSIZE = 1;

    /** Does not block. */
    public final int readEnd;

    /** Blocks. */
    public final int writeEnd;

    public TestPipe() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(JAVA_INT, 2);
            check(Descriptors.pipe(pair));
            readEnd = pair.getAtIndex(JAVA_INT, 0);
            writeEnd = pair.getAtIndex(JAVA_INT, 1);
        }
        check(Libc.callInt(Libc.function("fcntl"), readEnd, F_SETPIPE_SZ, SIZE));
    }

    public TestPipe write(String text) {
        return write(text.getBytes(UTF_8));
    }

    /** Waits while the pipe is full. */
    public TestPipe write(byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(1, bytes.length));
            MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
            long at = 0;
            while (at < bytes.length) {
                at += check(Descriptors.write(writeEnd, memory.asSlice(at, bytes.length - at)));
            }
        }
        return this;
    }

    /** Writes this in a thread of its own, then closes the write end. */
    public Thread writeInBackground(String text) {
        return Thread.ofPlatform().daemon().start(() -> write(text).closeWriteEnd());
    }

    /** Writes this again and again in a thread of its own, until that is interrupted; then closes the write end. */
    public Thread writeUntilInterrupted(String text) {
        return Thread.ofPlatform().daemon().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                write(text);
            }
            closeWriteEnd();
        });
    }

    public void closeWriteEnd() {
        Descriptors.close(writeEnd);
    }

    public void closeReadEnd() {
        Descriptors.close(readEnd);
    }

    /** From now on a write to a full pipe fails with EAGAIN. */
    public TestPipe makeWritesFailWhenFull() {
        check(Libc.callInt(Libc.function("fcntl"), writeEnd, F_SETFL, O_WRONLY | O_NONBLOCK));
        return this;
    }

    /** Limits the size of every file that this JVM writes (RLIMIT_FSIZE, setrlimit(2)); negative: no limit. */
    public static void limitFileSize(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(JAVA_LONG, 2);
            check(Libc.callInt(Libc.function("getrlimit"), RLIMIT_FSIZE, limit.address()));
            limit.set(JAVA_LONG, 0, bytes);
            check(Libc.callInt(Libc.function("setrlimit"), RLIMIT_FSIZE, limit.address()));
        }
    }

    public static int openForWriting(String path) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) check(Descriptors.open(arena.allocateFrom(path), O_WRONLY));
        }
    }

    /** Reads to the end, and closes the descriptor. */
    public static byte[] readAll(int fd) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some = read(fd);
        while (some.length > 0) {
            all.writeBytes(some);
            some = read(fd);
        }
        Descriptors.close(fd);
        return all.toByteArray();
    }

    /** Reads what is there; waits until there is something. Empty at the end. */
    public static byte[] read(int fd) {
        return read(fd, SIZE);
    }

    /** As {@link #read(int)}, but at most that many bytes. */
    public static byte[] read(int fd, int most) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(most);
            long size = Descriptors.read(fd, memory);
            while (size == -Descriptors.EAGAIN) {
                Descriptors.await(fd, PollSet.POLLIN, -1);
                size = Descriptors.read(fd, memory);
            }
            return memory.asSlice(0, check(size)).toArray(JAVA_BYTE);
        }
    }

    private static long check(long result) {
        if (result < 0) {
            throw new IllegalStateException(Libc.message((int) -result));
        }
        return result;
    }
}
