package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Spawns by posix_spawn(3): a new process gets a session of its own, default signal dispositions, an empty signal mask,
 * and no descriptors but 0 (/dev/null), 1 and 2 (a pipe to us, or /dev/null).
 */
final class Spawner {

    private static final short POSIX_SPAWN_SETSIGDEF = 0x04;
    private static final short POSIX_SPAWN_SETSIGMASK = 0x08;
    private static final short POSIX_SPAWN_SETSID = 0x80;

    /** More bytes than glibc's posix_spawnattr_t (336), posix_spawn_file_actions_t (80) and sigset_t (128) take. */
    private static final long STRUCT_SIZE = 512;

    private static final int O_WRONLY = 1;

    /** In place of a descriptor: stdout and stderr are /dev/null. */
    private static final int NO_STDOUT = -1;

    private static final MemorySegment SPAWN = Libc.function("posix_spawn");
    private static final MemorySegment ACTIONS_INIT = Libc.function("posix_spawn_file_actions_init");
    private static final MemorySegment ACTIONS_DESTROY = Libc.function("posix_spawn_file_actions_destroy");
    private static final MemorySegment ADD_OPEN = Libc.function("posix_spawn_file_actions_addopen");
    private static final MemorySegment ADD_DUP2 = Libc.function("posix_spawn_file_actions_adddup2");
    private static final MemorySegment ADD_CLOSE_FROM = Libc.function("posix_spawn_file_actions_addclosefrom_np");
    private static final MemorySegment ADD_CHDIR = Libc.function("posix_spawn_file_actions_addchdir_np");

    private static final MemorySegment ATTRIBUTES = attributes();
    private static final MemorySegment DEV_NULL = Arena.global().allocateFrom("/dev/null");

    /** @param output the read end of the pipe for stdout and stderr, non-blocking */
    record Spawned(int pid, int output) {}

    private Spawner() {}

    static Spawned spawn(SpawnSpec spec) throws CannotStartException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pipe = arena.allocate(JAVA_INT, 2);
            int made = Descriptors.pipe(pipe);
            if (made < 0) {
                throw CannotStartException.of("pipe", -made);
            }
            int output = pipe.getAtIndex(JAVA_INT, 0);
            int pid = spawn(spec, pipe.getAtIndex(JAVA_INT, 1), arena);
            Descriptors.close(pipe.getAtIndex(JAVA_INT, 1));
            if (pid < 0) {
                Descriptors.close(output);
                throw failure(spec.program(), -pid);
            }
            return new Spawned(pid, output);
        }
    }

    /**
     * Spawns with stdout and stderr to /dev/null.
     *
     * @return the pid
     */
    static int spawnSilent(SpawnSpec spec) throws CannotStartException {
        try (Arena arena = Arena.ofConfined()) {
            int pid = spawn(spec, NO_STDOUT, arena);
            if (pid < 0) {
                throw failure(spec.program(), -pid);
            }
            return pid;
        }
    }

    /** Returns the pid, or a negative errno. */
    private static int spawn(SpawnSpec spec, int stdout, Arena arena) {
        MemorySegment actions = arena.allocate(STRUCT_SIZE, 8);
        Libc.call(ACTIONS_INIT, actions.address());
        try {
            if (!spec.directory().isEmpty()) {
                MemorySegment directory = Libc.toCString(arena, spec.directory().getBytes(UTF_8));
                Libc.call(ADD_CHDIR, actions.address(), directory.address());
            }
            Libc.call(ADD_OPEN, actions.address(), 0, DEV_NULL.address(), 0, 0);
            if (stdout == NO_STDOUT) {
                Libc.call(ADD_OPEN, actions.address(), 1, DEV_NULL.address(), O_WRONLY, 0);
            } else {
                Libc.call(ADD_DUP2, actions.address(), stdout, 1);
            }
            Libc.call(ADD_DUP2, actions.address(), 1, 2);
            Libc.call(ADD_CLOSE_FROM, actions.address(), 3);
            MemorySegment pid = arena.allocate(JAVA_INT);
            int errno = (int) Libc.call(
                    SPAWN,
                    pid.address(),
                    Libc.toCString(arena, spec.program().getBytes(UTF_8)).address(),
                    actions.address(),
                    ATTRIBUTES.address(),
                    Libc.toCArray(arena, spec.arguments()).address(),
                    spec.environment().toEnvp(arena).address());
            return errno == 0 ? pid.get(JAVA_INT, 0) : -errno;
        } finally {
            Libc.call(ACTIONS_DESTROY, actions.address());
        }
    }

    /** The program has been found before, so ENOENT means that its interpreter (the #! line) is missing. */
    private static CannotStartException failure(String program, int errno) {
        return errno == Libc.ENOENT
                ? new CannotStartException(
                        CannotStartException.CANNOT_EXECUTE, program, "bad interpreter: " + Libc.message(errno))
                : CannotStartException.of(program, errno);
    }

    private static MemorySegment attributes() {
        MemorySegment attributes = Arena.global().allocate(STRUCT_SIZE, 8);
        MemorySegment signals = Arena.global().allocate(STRUCT_SIZE, 8);
        Libc.call(Libc.function("posix_spawnattr_init"), attributes.address());
        Libc.call(
                Libc.function("posix_spawnattr_setflags"),
                attributes.address(),
                POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
        Libc.call(Libc.function("posix_spawnattr_setsigmask"), attributes.address(), signals.address());
        // every bit: sigfillset(3) omits the two signals that glibc reserves, which would stay ignored
        signals.fill((byte) 0xff);
        Libc.call(Libc.function("posix_spawnattr_setsigdefault"), attributes.address(), signals.address());
        return attributes;
    }
}
