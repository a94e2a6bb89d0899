package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * The C library. Every function that we need takes at most six integers or pointers and returns one. The calling
 * conventions of x86-64 and aarch64 pass these in registers, so one downcall handle serves all functions; a handle per
 * signature would delay the first daemon by some milliseconds each.
 */
final class Libc {

    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EINTR = 4;
    static final int ECHILD = 10;
    static final int EACCES = 13;
    static final int ENOTDIR = 20;

    private static final Linker LINKER = Linker.nativeLinker();

    private static final ThreadLocal<MemorySegment> ERRNO =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

    private Libc() {}

    /** Links the downcall handle, which the first call would otherwise do. */
    static void link() {
        Objects.requireNonNull(Downcall.HANDLE);
    }

    /** The address of a function or variable; callers keep it. */
    static MemorySegment function(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() ->
                        new StartException("cannot find " + name + " in the C library: glibc 2.34 or newer is needed"));
    }

    /** Whether we run on aarch64, whose system call numbers and flags differ from those of x86-64. */
    static boolean isArm() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    /** The plain result, for functions that don't set errno. */
    static long call(MemorySegment function, long... arguments) {
        return call(function, ERRNO.get(), arguments);
    }

    /** The result of a function that returns an int, or the negative errno when that is -1. */
    static int callInt(MemorySegment function, long... arguments) {
        MemorySegment errno = ERRNO.get();
        int result = (int) call(function, errno, arguments);
        return result == -1 ? -errno.get(JAVA_INT, 0) : result;
    }

    /** The same for a function that returns a long. */
    static long callLong(MemorySegment function, long... arguments) {
        MemorySegment errno = ERRNO.get();
        long result = call(function, errno, arguments);
        return result == -1 ? -errno.get(JAVA_INT, 0) : result;
    }

    private static long call(MemorySegment function, MemorySegment errno, long[] a) {
        int n = a.length;
        try {
            return (long) Downcall.HANDLE.invokeExact(
                    function,
                    errno,
                    n > 0 ? a[0] : 0L,
                    n > 1 ? a[1] : 0L,
                    n > 2 ? a[2] : 0L,
                    n > 3 ? a[3] : 0L,
                    n > 4 ? a[4] : 0L,
                    n > 5 ? a[5] : 0L);
        } catch (Throwable impossible) {
            throw new AssertionError("internal error: a downcall threw", impossible);
        }
    }

    /** The message for an errno, by strerror(3). */
    static String message(int errno) {
        return string(call(Errors.STRERROR, errno));
    }

    /** The bytes of the NUL-terminated string at this address. */
    static byte[] bytes(long address) {
        MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE);
        int length = 0;
        while (memory.get(JAVA_BYTE, length) != 0) {
            length++;
        }
        return memory.asSlice(0, length).toArray(JAVA_BYTE);
    }

    /** The UTF-8 string at this address. */
    static String string(long address) {
        return new String(bytes(address), StandardCharsets.UTF_8);
    }

    /** Copies bytes into a NUL-terminated string. */
    static MemorySegment toCString(Arena arena, byte[] bytes) {
        MemorySegment string = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, string, JAVA_BYTE, 0, bytes.length);
        return string;
    }

    /** Copies strings into a NULL-terminated array, as argv and envp are. */
    static MemorySegment toCArray(Arena arena, List<byte[]> strings) {
        MemorySegment array = arena.allocate(JAVA_LONG, strings.size() + 1);
        for (int i = 0; i < strings.size(); i++) {
            array.setAtIndex(JAVA_LONG, i, toCString(arena, strings.get(i)).address());
        }
        return array;
    }

    /** A holder, so that only {@link #link} and the first call link it: nothing else before the first daemon takes as long. */
    private static final class Downcall {
        static final MethodHandle HANDLE = LINKER.downcallHandle(
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.captureCallState("errno"));
    }

    /** A holder, so that it is looked up only after a failure. */
    private static final class Errors {
        static final MemorySegment STRERROR = function("strerror");
    }
}
