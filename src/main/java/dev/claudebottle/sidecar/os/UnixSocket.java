package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Stream sockets of this machine (unix(7)). Descriptors are close-on-exec and non-blocking. By libc, because Java's channels can't set the
 * mode of a socket before somebody may connect, and name the peer's user instead of giving its number.
 */
public final class UnixSocket {

    private static final int AF_UNIX = 1;
    private static final int STREAM_CLOEXEC_NONBLOCK = 1 | 0x80000 | 0x800;
    private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int MSG_NOSIGNAL_DONTWAIT = 0x4000 | 0x40;
    private static final int ECONNREFUSED = 111;
    private static final int BACKLOG = 8;
    private static final int OWNER_ONLY = 0600;

    /** struct sockaddr_un: the family, and a path that ends with a NUL. */
    private static final int ADDRESS_SIZE = 110;

    /** struct ucred: pid, uid, gid. */
    private static final int CREDENTIALS_SIZE = 12;

    // statx(2), whose struct is the same on all architectures
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int STATX_TYPE_AND_UID = 1 | 8;
    private static final int STATX_SIZE = 256;
    private static final int STATX_UID = 20;
    private static final int STATX_MODE = 28;
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;

    private UnixSocket() {}

    /**
     * Makes a socket that only our user may connect to. The one that a dead instance of ours has left is replaced.
     *
     * @return the descriptor
     */
    public static int listen(String path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(arena, path);
            removeStale(arena, path, address);
            int socket = check(socket());
            try {
                // the file gets the mode of the socket, so there is no moment at which others may connect
                check(Libc.callInt(Libc.function("fchmod"), socket, OWNER_ONLY));
                check(Libc.callInt(Libc.function("bind"), socket, address.address(), ADDRESS_SIZE));
                check(Libc.callInt(Libc.function("listen"), socket, BACKLOG));
            } catch (IOException cannot) {
                Descriptors.close(socket);
                throw cannot;
            }
            return socket;
        }
    }

    /** The descriptor of a connection. */
    public static int connect(String path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int socket = check(socket());
            int result = connect(socket, address(arena, path));
            if (result < 0) {
                Descriptors.close(socket);
            }
            check(result);
            return socket;
        }
    }

    /** The descriptor of the next connection, or a negative errno. */
    public static int accept(int listener) {
        return Libc.callInt(Libc.function("accept4"), listener, 0, 0, CLOEXEC_NONBLOCK);
    }

    /** Whether the other end belongs to root or to our user: as it was when it connected. */
    public static boolean isTrusted(int connection) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment credentials = arena.allocate(CREDENTIALS_SIZE, 4);
            MemorySegment size = arena.allocateFrom(JAVA_INT, CREDENTIALS_SIZE);
            int result = Libc.callInt(
                    Libc.function("getsockopt"),
                    connection,
                    SOL_SOCKET,
                    SO_PEERCRED,
                    credentials.address(),
                    size.address());
            int uid = credentials.get(JAVA_INT, 4);
            return result == 0 && (uid == 0 || uid == ourUid());
        }
    }

    /** Sends what fits now; a peer that has gone, or does not read, is no failure. */
    public static void send(int connection, String text) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = text.getBytes(UTF_8);
            MemorySegment buffer = arena.allocateFrom(JAVA_BYTE, bytes);
            Libc.callLong(Libc.function("send"), connection, buffer.address(), bytes.length, MSG_NOSIGNAL_DONTWAIT);
        }
    }

    /** Removes the file of a socket. */
    public static void remove(String path) {
        try (Arena arena = Arena.ofConfined()) {
            unlink(arena, path);
        }
    }

    /** Our effective uid. */
    public static int ourUid() {
        return Libc.callInt(Libc.function("geteuid"));
    }

    /** Nothing but a socket of our user to which nobody listens is removed. */
    private static void removeStale(Arena arena, String path, MemorySegment address) throws IOException {
        MemorySegment file = arena.allocate(STATX_SIZE, 8);
        int result = Libc.callInt(
                Libc.function("statx"),
                AT_FDCWD,
                Libc.toCString(arena, path.getBytes(UTF_8)).address(),
                AT_SYMLINK_NOFOLLOW,
                STATX_TYPE_AND_UID,
                file.address());
        if (result < 0) {
            // there is none, or bind(2) says why not
            return;
        }
        boolean socket = (file.get(JAVA_SHORT, STATX_MODE) & S_IFMT) == S_IFSOCK;
        if (!socket || file.get(JAVA_INT, STATX_UID) != ourUid()) {
            throw new IOException("a file is in its place that is no socket of ours");
        }
        int attempt = check(socket());
        int answer = connect(attempt, address);
        Descriptors.close(attempt);
        if (answer != -ECONNREFUSED) {
            throw new IOException("another instance listens there");
        }
        unlink(arena, path);
    }

    private static int socket() {
        return Libc.callInt(Libc.function("socket"), AF_UNIX, STREAM_CLOEXEC_NONBLOCK, 0);
    }

    private static int connect(int socket, MemorySegment address) {
        return Libc.callInt(Libc.function("connect"), socket, address.address(), ADDRESS_SIZE);
    }

    private static void unlink(Arena arena, String path) {
        Libc.callInt(
                Libc.function("unlink"),
                Libc.toCString(arena, path.getBytes(UTF_8)).address());
    }

    private static MemorySegment address(Arena arena, String path) {
        MemorySegment address = arena.allocate(ADDRESS_SIZE, 8);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        byte[] bytes = path.getBytes(UTF_8);
        MemorySegment.copy(bytes, 0, address, JAVA_BYTE, 2, bytes.length);
        return address;
    }

    private static int check(int result) throws IOException {
        if (result < 0) {
            throw new IOException(Libc.message(-result));
        }
        return result;
    }
}
