package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Which process is in which session, at one time. It is a list of /proc and a getsid(2) for each process, which takes 3 to 10 µs a process; to
 * read their files takes ten times as long. It needs no descriptor and allocates little, because it must work when these are short.
 */
final class SessionScan {

    private static final int O_DIRECTORY = Libc.isArm() ? 0x4000 : 0x10000;
    private static final int SEEK_SET = 0;

    /** Offsets in struct linux_dirent64 (getdents64(2)). */
    private static final int D_RECLEN = 16;

    private static final int D_NAME = 19;

    private static final MemorySegment GETSID = Libc.function("getsid");
    private static final MemorySegment LSEEK = Libc.function("lseek");
    private static final MemorySegment GETDENTS = Libc.function("getdents64");

    private static final int PROC = Descriptors.open(Arena.global().allocateFrom("/proc"), O_DIRECTORY);
    private static final MemorySegment BUFFER = Arena.global().allocate(16 * 1024, 8);

    /** A copy of the buffer: the interpreter reads an array much faster, and this code rarely runs often enough to be compiled. */
    private static final byte[] ENTRIES = new byte[16 * 1024];

    /** Of any thread; serves whoever needs one that is not older than an event. */
    private static SessionScan latest;

    private final long begunAt;
    private int count;
    private int[] pids = new int[64];
    private int[] sessions = new int[64];

    private SessionScan(long begunAt) {
        this.begunAt = begunAt;
    }

    /** Whether there is a /proc; without one, a scan finds nothing. */
    static boolean isPossible() {
        return PROC >= 0;
    }

    /** Finds every process that is there from the beginning to the end of this call. */
    static synchronized SessionScan take() {
        SessionScan scan = new SessionScan(System.nanoTime());
        Libc.callLong(LSEEK, PROC, 0, SEEK_SET);
        int length;
        while ((length = (int) Libc.callLong(GETDENTS, PROC, BUFFER.address(), BUFFER.byteSize())) > 0) {
            MemorySegment.copy(BUFFER, JAVA_BYTE, 0, ENTRIES, 0, length);
            int entry = 0;
            while (entry < length) {
                int pid = number(entry + D_NAME);
                if (pid > 0) {
                    scan.add(pid, Libc.callInt(GETSID, pid));
                }
                entry += Byte.toUnsignedInt(ENTRIES[entry + D_RECLEN])
                        + (Byte.toUnsignedInt(ENTRIES[entry + D_RECLEN + 1]) << 8);
            }
        }
        latest = scan;
        return scan;
    }

    /**
     * A scan that began at this time or later; the latest if it did.
     *
     * @param time a {@link System#nanoTime}
     */
    static synchronized SessionScan since(long time) {
        return latest != null && latest.begunAt - time >= 0 ? latest : take();
    }

    /** The number that this name is; 0 when it is none. */
    private static int number(int name) {
        int number = 0;
        byte digit;
        for (int i = name; (digit = ENTRIES[i]) != 0; i++) {
            if (digit < '0' || digit > '9') {
                return 0;
            }
            number = number * 10 + digit - '0';
        }
        return number;
    }

    /** @param session 0 for one outside of our namespace, negative when the process has gone */
    private void add(int pid, int session) {
        if (session <= 0) {
            return;
        }
        if (count == pids.length) {
            pids = Arrays.copyOf(pids, count * 2);
            sessions = Arrays.copyOf(sessions, count * 2);
        }
        pids[count] = pid;
        sessions[count] = session;
        count++;
    }

    /** The pids of the processes in no session of these. */
    List<Integer> outside(Set<Integer> known) {
        List<Integer> outside = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (!known.contains(sessions[i])) {
                outside.add(pids[i]);
            }
        }
        return outside;
    }

    /** The pids of a session's processes, zombies included. */
    int[] members(int session) {
        int[] members = new int[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            if (sessions[i] == session) {
                members[size++] = pids[i];
            }
        }
        return Arrays.copyOf(members, size);
    }
}
