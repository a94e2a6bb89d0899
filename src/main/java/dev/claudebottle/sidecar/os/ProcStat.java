package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process as /proc/PID/stat describes it (proc_pid_stat(5)).
 *
 * @param cpuTicks user and system time in clock ticks, including that of the children it has waited for
 * @param residentPages resident memory in pages; each process counts the pages that it shares
 */
record ProcStat(int pid, int parent, int session, long cpuTicks, long residentPages) {

    /** Indexes of the fields after the name. */
    private static final int STATE = 0;

    private static final int PPID = 1;

    private static final int SESSION = 3;
    private static final int UTIME = 11;
    private static final int CSTIME = 14;
    private static final int FLAGS = 6;
    private static final int THREADS = 17;
    private static final int RSS = 21;
    private static final int PENDING = 28;

    /** Of the kernel's include/linux/sched.h. */
    private static final long PF_EXITING = 4;

    private static final long SIGKILL_BIT = 1 << 8;

    /** More than 52 numbers and a name need. */
    private static final int MAX_SIZE = 2048;

    /** All processes that we can see. */
    static List<ProcStat> all() throws IOException {
        List<ProcStat> all = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                read(process).ifPresent(all::add);
            }
        }
        return all;
    }

    /** Empty when the process has gone meanwhile. */
    private static Optional<ProcStat> read(Path process) {
        try {
            return parse(text(process));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** Whether a process is dead, dying, or about to die by a SIGKILL that it has got. */
    static boolean isDying(int pid) {
        try {
            String[] fields = fields(text(Path.of("/proc", Integer.toString(pid))));
            return fields.length <= RSS
                    || fields[STATE].equals("Z")
                    || fields[STATE].equals("X")
                    || (Long.parseLong(fields[FLAGS]) & PF_EXITING) != 0
                    || (Long.parseLong(fields[PENDING]) & SIGKILL_BIT) != 0;
        } catch (IOException gone) {
            return true;
        }
    }

    /**
     * Whether this process lives and is in this session. A process whose first thread has exited looks like a zombie and has other threads. Reads
     * by plain system calls, to tell a process that has gone from a lack of descriptors, which proves nothing.
     */
    static boolean isLivingIn(int session, int pid) {
        String text = text(pid);
        return text == null || living(text).map(ProcStat::session).equals(Optional.of(session));
    }

    /** Empty when the process is dead, or can't be read. */
    static Optional<ProcStat> living(int pid) {
        String text = text(pid);
        return text == null ? Optional.empty() : living(text);
    }

    private static Optional<ProcStat> living(String text) {
        return parse(text).filter(_ -> {
            String[] fields = fields(text);
            return !fields[STATE].equals("X") && (!fields[STATE].equals("Z") || Integer.parseInt(fields[THREADS]) > 1);
        });
    }

    /** Empty when the process has gone; null when that can't be known. */
    private static String text(int pid) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Descriptors.open(arena.allocateFrom("/proc/" + pid + "/stat"), 0);
            if (fd < 0) {
                return fd == -Libc.ENOENT || fd == -Libc.ESRCH ? "" : null;
            }
            MemorySegment buffer = arena.allocate(MAX_SIZE);
            long length = Math.max(0, Descriptors.read(fd, buffer));
            Descriptors.close(fd);
            return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.ISO_8859_1);
        }
    }

    private static String text(Path process) throws IOException {
        byte[] buffer = new byte[MAX_SIZE];
        try (InputStream file = new FileInputStream(process.resolve("stat").toFile())) {
            int length = Math.max(0, file.read(buffer));
            return new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
        }
    }

    private static String[] fields(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
    }

    /** The name is in parentheses and may itself contain any character: it ends at the last one that closes. */
    static Optional<ProcStat> parse(String stat) {
        String[] fields = fields(stat);
        if (fields.length <= RSS) {
            return Optional.empty();
        }
        long ticks = 0;
        for (int i = UTIME; i <= CSTIME; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return Optional.of(new ProcStat(
                Integer.parseInt(stat.substring(0, stat.indexOf(' '))),
                Integer.parseInt(fields[PPID]),
                Integer.parseInt(fields[SESSION]),
                ticks,
                Long.parseLong(fields[RSS])));
    }
}
