package dev.claudebottle.sidecar.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Finds a program as execvp(3) does, but in the daemon's own PATH and from the daemon's own directory. It does so before
 * the spawn, because posix_spawn(3) reports ENOENT for a missing directory and a missing program alike.
 */
final class ProgramFinder {

    private static final int X_OK = 1;
    private static final int O_PATH = 0x200000;

    /** The value depends on the architecture. */
    private static final int O_DIRECTORY = Libc.isArm() ? 0x4000 : 0x10000;

    /** What glibc searches without a PATH (confstr(3), _CS_PATH). */
    private static final String DEFAULT_PATH = "/bin:/usr/bin";

    private static final MemorySegment ACCESS = Libc.function("access");

    private ProgramFinder() {}

    /**
     * @param directory the directory that relative paths start from; empty: ours
     * @return the path to execute, relative to {@code directory} if the program or its entry of PATH is
     */
    static String find(String program, Optional<String> directory, Environment environment)
            throws CannotStartException {
        if (program.indexOf('/') >= 0) {
            int errno = check(program, directory);
            if (errno != 0) {
                throw failure(program, errno);
            }
            return program;
        }
        String path = environment
                .bytesOf("PATH")
                .map(bytes -> new String(bytes, UTF_8))
                .orElse(DEFAULT_PATH);
        int errno = Libc.ENOENT;
        for (String entry : path.split(":", -1)) {
            // an empty entry means the current directory
            String candidate = entry.isEmpty() ? "./" + program : entry + "/" + program;
            int found = check(candidate, directory);
            if (found == 0) {
                return candidate;
            }
            if (found == Libc.EACCES) {
                errno = found;
            }
        }
        throw failure(program, errno);
    }

    /** Throws when it is missing, no directory or not accessible. */
    static void checkDirectory(String directory) throws CannotStartException {
        int errno = openDirectory(directory);
        if (errno != 0) {
            throw CannotStartException.of(directory, errno);
        }
    }

    /** Returns 0 when the file can be executed, otherwise an errno. */
    private static int check(String path, Optional<String> directory) {
        String full = path.startsWith("/") || directory.isEmpty() ? path : directory.get() + "/" + path;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Libc.toCString(arena, full.getBytes(UTF_8));
            int access = Libc.callInt(ACCESS, name.address(), X_OK);
            if (access < 0) {
                return -access;
            }
        }
        // access(2) also allows X_OK for a directory
        return openDirectory(full) == 0 ? Libc.EACCES : 0;
    }

    /** Returns 0 when the directory can be opened, otherwise an errno. */
    private static int openDirectory(String path) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Descriptors.open(Libc.toCString(arena, path.getBytes(UTF_8)), O_PATH | O_DIRECTORY);
            if (fd < 0) {
                return -fd;
            }
            Descriptors.close(fd);
            return 0;
        }
    }

    private static CannotStartException failure(String program, int errno) {
        boolean missing = errno == Libc.ENOENT || errno == Libc.ENOTDIR;
        return new CannotStartException(
                missing ? CannotStartException.NOT_FOUND : CannotStartException.CANNOT_EXECUTE,
                program,
                Libc.message(errno));
    }
}
