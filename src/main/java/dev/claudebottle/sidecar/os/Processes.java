package dev.claudebottle.sidecar.os;

import dev.claudebottle.sidecar.bundle.Signal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Signals to other processes, and the exit of our own. */
public final class Processes {

    private static final MemorySegment KILL = Libc.function("kill");
    private static final int SELF = Libc.callInt(Libc.function("getpid"));

    private Processes() {}

    /** Our pid. */
    public static int self() {
        return SELF;
    }

    /** Whether we are PID 1 of our container. */
    public static boolean isInit() {
        return SELF == 1;
    }

    /**
     * Sends a signal to every process of a group.
     *
     * @return null, or why it failed; a group without processes is no failure
     */
    public static String signalGroup(int group, Signal signal) {
        int result = Libc.callInt(KILL, -group, signal.number());
        return result == 0 || result == -Libc.ESRCH ? null : Libc.message(-result);
    }

    /** Sends a signal to one process; one that has ended, or that we may not signal, is left alone. */
    public static void signal(int pid, Signal signal) {
        Libc.callInt(KILL, pid, signal.number());
    }

    /** Whether the group has a process, zombies and processes that we may not signal included. */
    static boolean groupExists(int group) {
        return Libc.callInt(KILL, -group, 0) != -Libc.ESRCH;
    }

    /** Whether a process is dead, dying, or about to die by a SIGKILL that it has got. */
    public static boolean isDying(int pid) {
        return ProcStat.isDying(pid);
    }

    /** SIGKILL to everything else: as PID 1 to the whole container, otherwise to our descendants. */
    public static void killAll() {
        if (isInit()) {
            Libc.callInt(KILL, -1, Signal.KILL.number());
        } else {
            descendants().forEach(pid -> Libc.callInt(KILL, pid, Signal.KILL.number()));
        }
    }

    /** Exits by _exit(2): the JVM's own exit waits 300 ms for threads that are in native code. */
    public static void exit(int code) {
        Libc.call(Libc.function("_exit"), code);
    }

    private static List<Integer> descendants() {
        Map<Integer, List<Integer>> children = new HashMap<>();
        try {
            for (ProcStat process : ProcStat.all()) {
                children.computeIfAbsent(process.parent(), _ -> new ArrayList<>())
                        .add(process.pid());
            }
        } catch (IOException unreadable) {
            throw new IllegalStateException("cannot list /proc: " + unreadable.getMessage(), unreadable);
        }
        List<Integer> descendants = new ArrayList<>();
        Deque<Integer> parents = new ArrayDeque<>(List.of(SELF));
        while (!parents.isEmpty()) {
            List<Integer> next = children.getOrDefault(parents.pop(), List.of());
            descendants.addAll(next);
            parents.addAll(next);
        }
        return descendants;
    }
}
