package dev.claudebottle.sidecar.os;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The processor time and memory that a session uses.
 *
 * @param cpuTicks see {@link ProcStat#cpuTicks}
 * @param residentPages see {@link ProcStat#residentPages}
 */
public record ProcessUsage(long cpuTicks, long residentPages) {

    /** Names of sysconf(3) in glibc. */
    private static final int SC_CLK_TCK = 2;

    private static final int SC_PAGESIZE = 30;

    private static final MemorySegment SYSCONF = Libc.function("sysconf");
    private static final double TICKS_PER_SECOND = Libc.call(SYSCONF, SC_CLK_TCK);
    private static final long PAGE_SIZE = Libc.call(SYSCONF, SC_PAGESIZE);

    public double cpuSeconds() {
        return cpuTicks / TICKS_PER_SECOND;
    }

    public long residentBytes() {
        return residentPages * PAGE_SIZE;
    }

    /**
     * This usage, with at least the processor time of an earlier one: a counter must not fall when a
     * process ends whose time its parent does not collect.
     */
    public ProcessUsage atLeast(ProcessUsage earlier) {
        return new ProcessUsage(Math.max(cpuTicks, earlier.cpuTicks), residentPages);
    }

    /**
     * Sums up whole sessions. A daemon leads its own, and what it forks belongs to it unless it calls setsid(2). Reads
     * /proc once, however many sessions are asked for.
     *
     * @param leaders the sessions, by the pid of their leader
     * @return the sessions with at least one readable process
     */
    public static Map<Integer, ProcessUsage> ofSessions(Collection<Integer> leaders) {
        if (leaders.isEmpty()) {
            return Map.of();
        }
        Map<Integer, ProcessUsage> sessions = new HashMap<>();
        try {
            for (ProcStat process : ProcStat.all()) {
                if (leaders.contains(process.session())) {
                    ProcessUsage usage = new ProcessUsage(process.cpuTicks(), process.residentPages());
                    sessions.merge(process.session(), usage, ProcessUsage::plus);
                }
            }
        } catch (IOException unreadable) {
            return Map.of();
        }
        return sessions;
    }

    private ProcessUsage plus(ProcessUsage other) {
        return new ProcessUsage(cpuTicks + other.cpuTicks, residentPages + other.residentPages);
    }
}
