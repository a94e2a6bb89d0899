package dev.claudebottle.sidecar.os;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What processes use of the machine now, as /proc tells.
 *
 * @param cpuTicks user and system time, that of the children that they have waited for included
 * @param residentPages pages that processes share count for each of them
 */
public record ProcessUsage(long cpuTicks, long residentPages) {

    /** Names of sysconf(3) in glibc. */
    private static final int SC_CLK_TCK = 2;

    private static final int SC_PAGESIZE = 30;

    private static final MemorySegment SYSCONF = Libc.function("sysconf");
    private static final double TICKS_PER_SECOND = Libc.call(SYSCONF, SC_CLK_TCK);
    private static final long PAGE_SIZE = Libc.call(SYSCONF, SC_PAGESIZE);

    /** Where proc(5)'s fields are in what follows the name. */
    private static final int SESSION = 3;

    private static final int UTIME = 11;
    private static final int CSTIME = 14;
    private static final int RSS = 21;

    /** More than 50 numbers and a name need. */
    private static final int LONGEST_STAT = 2048;

    /** What one process told. */
    record Stat(int session, ProcessUsage usage) {}

    public double cpuSeconds() {
        return cpuTicks / TICKS_PER_SECOND;
    }

    public long residentBytes() {
        return residentPages * PAGE_SIZE;
    }

    /** The same, but no less time than it was earlier. */
    public ProcessUsage atLeast(ProcessUsage earlier) {
        return new ProcessUsage(Math.max(cpuTicks, earlier.cpuTicks), residentPages);
    }

    /**
     * The sums of whole sessions: a daemon leads its own, and what it forks is in it, unless that has left on purpose.
     * One look at every process, however many sessions are asked for; without those of which nothing can be read.
     */
    public static Map<Integer, ProcessUsage> ofSessions(Collection<Integer> leaders) {
        Map<Integer, ProcessUsage> found = new HashMap<>();
        String[] entries = leaders.isEmpty() ? null : new File("/proc").list();
        if (entries == null) {
            return found;
        }
        byte[] buffer = new byte[LONGEST_STAT];
        for (String entry : entries) {
            if (Character.isDigit(entry.charAt(0))) {
                read(entry, buffer)
                        .filter(stat -> leaders.contains(stat.session()))
                        .ifPresent(stat -> found.merge(stat.session(), stat.usage(), ProcessUsage::plus));
            }
        }
        return found;
    }

    /** Empty when the process is gone, which may be at any moment. */
    private static Optional<Stat> read(String pid, byte[] buffer) {
        try (InputStream file = new FileInputStream("/proc/" + pid + "/stat")) {
            int length = file.read(buffer);
            return parse(new String(buffer, 0, Math.max(0, length), StandardCharsets.ISO_8859_1));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** The name, which may hold anything, ends with the last bracket. */
    static Optional<Stat> parse(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length <= RSS) {
            return Optional.empty();
        }
        long ticks = 0;
        for (int i = UTIME; i <= CSTIME; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return Optional.of(
                new Stat(Integer.parseInt(fields[SESSION]), new ProcessUsage(ticks, Long.parseLong(fields[RSS]))));
    }

    private ProcessUsage plus(ProcessUsage other) {
        return new ProcessUsage(cpuTicks + other.cpuTicks, residentPages + other.residentPages);
    }
}
