package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * System calls on file descriptors. They return the result of the call, or a negative errno; {@link #read} and the
 * writes repeat an interrupted call.
 */
public final class Descriptors {

    public static final int STDOUT = 1;
    private static final int STDERR = 2;

    public static final int EAGAIN = 11;
    public static final int EPIPE = 32;
    public static final int EOPNOTSUPP = 95;

    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_GETFD = 1;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int F_SETPIPE_SZ = 1031;

    /** Four times the default: a daemon that writes much blocks, and is woken up, less often. */
    private static final int PIPE_SIZE = 256 * 1024;

    /**
     * Write-only for everybody. A daemon that runs as another user can open its output by path (/dev/stdout), and none can read another's
     * output by /proc/PID/fd.
     */
    private static final int PIPE_MODE = 0222;

    private static final int FD_CLOEXEC = 1;
    private static final int O_ACCMODE = 3;
    private static final long TCGETS = 0x5401;
    private static final int TERMIOS_SIZE = 64;
    private static final long FIONREAD = 0x541B;
    private static final long RWF_NOWAIT = 8;
    private static final int RLIMIT_NOFILE = 7;
    private static final int SEEK_SET = 0;
    private static final int SEEK_CUR = 1;

    private static final MemorySegment READ = Libc.function("read");
    private static final MemorySegment WRITE = Libc.function("write");
    private static final MemorySegment PWRITEV2 = Libc.function("pwritev2");
    private static final MemorySegment POLL = Libc.function("poll");
    private static final MemorySegment PIPE2 = Libc.function("pipe2");
    private static final MemorySegment FCNTL = Libc.function("fcntl");
    private static final MemorySegment IOCTL = Libc.function("ioctl");
    private static final MemorySegment FCHMOD = Libc.function("fchmod");
    private static final MemorySegment CLOSE = Libc.function("close");
    private static final MemorySegment OPEN = Libc.function("open");
    private static final MemorySegment LSEEK = Libc.function("lseek");
    private static final MemorySegment EVENTFD = Libc.function("eventfd");
    private static final MemorySegment EVENTFD_WRITE = Libc.function("eventfd_write");

    private Descriptors() {}

    /** Reads at most the buffer's size; 0 at the end, -EAGAIN when a non-blocking descriptor has nothing. */
    public static long read(int fd, MemorySegment buffer) {
        long result;
        do {
            result = Libc.callLong(READ, fd, buffer.address(), buffer.byteSize());
        } while (result == -Libc.EINTR);
        return result;
    }

    /** Returns the number of bytes written. */
    public static long write(int fd, MemorySegment bytes) {
        long result;
        do {
            result = Libc.callLong(WRITE, fd, bytes.address(), bytes.byteSize());
        } while (result == -Libc.EINTR);
        return result;
    }

    /**
     * Writes what fits now, whether or not the descriptor is non-blocking (pwritev2(2) with RWF_NOWAIT). Setting
     * O_NONBLOCK would affect all processes that share the open file, such as the shell of a terminal.
     *
     * @param vector sixteen bytes for the struct iovec
     * @return -EAGAIN when nothing fits, -EOPNOTSUPP when the kernel or the file doesn't support this
     */
    public static long writeNoWait(int fd, MemorySegment bytes, MemorySegment vector) {
        vector.set(JAVA_LONG, 0, bytes.address());
        vector.set(JAVA_LONG, 8, bytes.byteSize());
        long result;
        do {
            result = Libc.callLong(PWRITEV2, fd, vector.address(), 1, -1, RWF_NOWAIT);
        } while (result == -Libc.EINTR);
        return result;
    }

    /**
     * Waits for events (poll(2)); returns -EINTR when interrupted.
     *
     * @param pollfds an array of struct pollfd: int fd, short events, short revents
     * @param timeoutMillis 0: returns at once; negative: waits for ever
     */
    public static int poll(MemorySegment pollfds, int count, int timeoutMillis) {
        return Libc.callInt(POLL, pollfds.address(), count, timeoutMillis);
    }

    /** Waits for events on one descriptor, or for the end of the time; may end early. */
    static void await(int fd, short events, int timeoutMillis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(8, 8);
            pollfd.set(JAVA_INT, 0, fd);
            pollfd.set(JAVA_SHORT, 4, events);
            poll(pollfd, 1, timeoutMillis);
        }
    }

    /** Whether it is seekable: writes to such a file never wait for a reader. */
    public static boolean isSeekable(int fd) {
        return Libc.callLong(LSEEK, fd, 0, SEEK_CUR) >= 0;
    }

    /** Whether it is a terminal, as isatty(3) finds out. */
    public static boolean isTerminal(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            return Libc.callInt(IOCTL, fd, TCGETS, arena.allocate(TERMIOS_SIZE).address()) >= 0;
        }
    }

    /** Moves to the start of a file. */
    static void rewind(int fd) {
        Libc.callLong(LSEEK, fd, 0, SEEK_SET);
    }

    /** How many more descriptors we may open: the limit of setrlimit(2), less those that are open. */
    public static int spare() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(JAVA_LONG, 2);
            Libc.callInt(Libc.function("getrlimit"), RLIMIT_NOFILE, limit.address());
            long soft = limit.getAtIndex(JAVA_LONG, 0);
            // unlimited is -1
            long most = soft < 0 ? Integer.MAX_VALUE : Math.min(soft, Integer.MAX_VALUE);
            String[] open = new File("/proc/self/fd").list();
            // the list names its own descriptor as well
            return (int) most - (open == null ? 0 : open.length - 1);
        }
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

    /** A descriptor that polls readable after {@link #wake} (eventfd(2)). */
    public static int eventfd() {
        int fd = Libc.callInt(EVENTFD, 0, O_CLOEXEC | O_NONBLOCK);
        if (fd < 0) {
            throw new IllegalStateException("cannot create an eventfd: " + Libc.message(-fd));
        }
        return fd;
    }

    public static void close(int fd) {
        Libc.callInt(CLOSE, fd);
    }

    /**
     * Makes a pipe for a daemon's output. Only the read end is non-blocking; both are close-on-exec.
     *
     * @param pair receives the read end and the write end
     */
    static int pipe(MemorySegment pair) {
        int result = Libc.callInt(PIPE2, pair.address(), O_CLOEXEC);
        if (result < 0) {
            return result;
        }
        // fails when the user has too many pages in pipes; the default size will do then
        Libc.callInt(FCNTL, pair.get(JAVA_INT, 0), F_SETPIPE_SZ, PIPE_SIZE);
        Libc.callInt(FCHMOD, pair.get(JAVA_INT, 0), PIPE_MODE);
        return Libc.callInt(FCNTL, pair.get(JAVA_INT, 0), F_SETFL, O_NONBLOCK);
    }

    static int open(MemorySegment path, int flags) {
        return Libc.callInt(OPEN, path.address(), flags | O_CLOEXEC);
    }

    /**
     * Takes our stdout for ourselves. Descriptor 1 becomes a copy of stderr, so that what the JVM prints by itself, such as the summary of a
     * crash, never comes between our lines.
     *
     * @return the descriptor that our lines go to; negative: we were given none
     */
    public static int takeStdout() {
        if (!openMissingStandardStreams()) {
            return -1;
        }
        int stdout = Libc.callInt(FCNTL, STDOUT, F_DUPFD_CLOEXEC, 3);
        if (stdout < 0) {
            return STDOUT;
        }
        Libc.callInt(Libc.function("dup2"), STDERR, STDOUT);
        return stdout;
    }

    /**
     * Opens /dev/null for each of the descriptors 0 to 2 that we were started without, so that no other file ever gets
     * such a number.
     *
     * @return whether we were given a stdout: a descriptor 1 that is read-only or close-on-exec is a file that the JVM
     *     opened
     */
    static boolean openMissingStandardStreams() {
        int flags = Libc.callInt(FCNTL, STDOUT, F_GETFL);
        int descriptorFlags = Libc.callInt(FCNTL, STDOUT, F_GETFD);
        boolean writable = flags >= 0 && (flags & O_ACCMODE) != 0 && (descriptorFlags & FD_CLOEXEC) == 0;
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
}
