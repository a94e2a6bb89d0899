package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * File descriptors by number. Every result is that of the system call, or a negative errno; interrupted calls are
 * repeated here.
 */
public final class Descriptors {

    public static final int EINTR = Libc.EINTR;
    public static final int EAGAIN = 11;
    public static final int EPIPE = 32;
    public static final int EOPNOTSUPP = 95;

    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    private static final int F_GETFD = 1;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_SETPIPE_SZ = 1031;

    /** Four times the default: a daemon that writes much has to be woken up less often. */
    private static final int PIPE_SIZE = 256 * 1024;

    private static final int FD_CLOEXEC = 1;
    private static final int O_ACCMODE = 3;
    private static final long FIONREAD = 0x541B;
    private static final long RWF_NOWAIT = 8;
    private static final int SEEK_CUR = 1;
    public static final int STDOUT = 1;

    private static final MemorySegment READ = Libc.function("read");
    private static final MemorySegment WRITE = Libc.function("write");
    private static final MemorySegment PWRITEV2 = Libc.function("pwritev2");
    private static final MemorySegment POLL = Libc.function("poll");
    private static final MemorySegment PIPE2 = Libc.function("pipe2");
    private static final MemorySegment FCNTL = Libc.function("fcntl");
    private static final MemorySegment IOCTL = Libc.function("ioctl");
    private static final MemorySegment CLOSE = Libc.function("close");
    private static final MemorySegment OPEN = Libc.function("open");
    private static final MemorySegment LSEEK = Libc.function("lseek");
    private static final MemorySegment EVENTFD = Libc.function("eventfd");
    private static final MemorySegment EVENTFD_WRITE = Libc.function("eventfd_write");

    private Descriptors() {}

    public static long read(int fd, MemorySegment buffer) {
        long result;
        do {
            result = Libc.callLong(READ, fd, buffer.address(), buffer.byteSize());
        } while (result == -EINTR);
        return result;
    }

    public static long write(int fd, MemorySegment bytes) {
        long result;
        do {
            result = Libc.callLong(WRITE, fd, bytes.address(), bytes.byteSize());
        } while (result == -EINTR);
        return result;
    }

    /**
     * Writes what fits now, whatever the mode of the descriptor: setting O_NONBLOCK would change it for everybody who
     * shares it, the terminal's shell for one.
     *
     * @param vector sixteen bytes to work with
     * @return -EAGAIN when nothing fits, -EOPNOTSUPP where the kernel or this kind of file has no such write
     */
    public static long writeNoWait(int fd, MemorySegment bytes, MemorySegment vector) {
        vector.set(JAVA_LONG, 0, bytes.address());
        vector.set(JAVA_LONG, 8, bytes.byteSize());
        long result;
        do {
            result = Libc.callLong(PWRITEV2, fd, vector.address(), 1, -1, RWF_NOWAIT);
        } while (result == -EINTR);
        return result;
    }

    /** @param pollfds an array of struct pollfd: int fd, short events, short revents */
    public static int poll(MemorySegment pollfds, int count, int timeoutMillis) {
        return Libc.callInt(POLL, pollfds.address(), count, timeoutMillis);
    }

    /** Whether it is a file with a position, whose writes never wait for a reader. */
    public static boolean isSeekable(int fd) {
        return Libc.callLong(LSEEK, fd, 0, SEEK_CUR) >= 0;
    }

    /** Adds one to an {@link #eventfd}, from any thread. */
    public static void wake(int eventfd) {
        Libc.callInt(EVENTFD_WRITE, eventfd, 1);
    }

    /** The number of bytes that a pipe holds (FIONREAD, ioctl_tty(2)). */
    public static int available(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            int result = Libc.callInt(IOCTL, fd, FIONREAD, count.address());
            return result < 0 ? result : count.get(JAVA_INT, 0);
        }
    }

    /** A descriptor that polls readable once somebody has written eight bytes into it. */
    public static int eventfd() {
        return orThrow(Libc.callInt(EVENTFD, 0, O_CLOEXEC | O_NONBLOCK), "eventfd");
    }

    public static void close(int fd) {
        Libc.callInt(CLOSE, fd);
    }

    /** The read end does not block, the write end (which a daemon gets) does. Both are closed by an exec. */
    static int pipe(MemorySegment pair) {
        int result = Libc.callInt(PIPE2, pair.address(), O_CLOEXEC);
        if (result < 0) {
            return result;
        }
        // a user who has too many pipes is refused, and keeps the default size
        Libc.callInt(FCNTL, pair.get(JAVA_INT, 0), F_SETPIPE_SZ, PIPE_SIZE);
        return Libc.callInt(FCNTL, pair.get(JAVA_INT, 0), F_SETFL, O_NONBLOCK);
    }

    static int open(MemorySegment path, int flags) {
        return Libc.callInt(OPEN, path.address(), flags | O_CLOEXEC);
    }

    /**
     * Fills the standard descriptors that we were started without, so that nothing else ever gets their numbers.
     *
     * @return whether stdout is ours to write to: a number 1 that is read-only or close-on-exec is a file that the JVM
     *     opened before we came
     */
    public static boolean claimStandard() {
        int flags = Libc.callInt(FCNTL, STDOUT, F_GETFL);
        int own = Libc.callInt(FCNTL, STDOUT, F_GETFD);
        boolean writable = flags >= 0 && (flags & O_ACCMODE) != 0 && (own & FD_CLOEXEC) == 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment devNull = arena.allocateFrom("/dev/null");
            int fd;
            do {
                fd = Libc.callInt(OPEN, devNull.address(), O_RDWR);
            } while (fd >= 0 && fd <= 2);
            if (fd > 2) {
                close(fd);
            }
        }
        return writable;
    }

    private static int orThrow(int result, String what) {
        if (result < 0) {
            throw new IllegalStateException("cannot " + what + ": " + Libc.message(-result));
        }
        return result;
    }
}
