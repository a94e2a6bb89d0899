package dev.claudebottle.sidecar.os;

import dev.claudebottle.sidecar.bundle.Signal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Signals to others, and our own end. */
public final class Processes {

    private static final MemorySegment KILL = Libc.function("kill");
    private static final int SELF = Libc.callInt(Libc.function("getpid"));

    /** Between two rounds of SIGKILL, for what was forked during the first. */
    private static final long MOMENT = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(20);

    private Processes() {}

    public static int self() {
        return SELF;
    }

    /** Whether we are PID 1 of our container. */
    public static boolean isInit() {
        return SELF == 1;
    }

    /**
     * Signals every process of a group.
     *
     * @return null, or why it could not be; a group that is gone is no error
     */
    public static String signalGroup(int group, Signal signal) {
        int result = Libc.callInt(KILL, -group, signal.number());
        return result == 0 || result == -Libc.ESRCH ? null : Libc.message(-result);
    }

    /** Whether a process of this group is left, one that we may not signal included. */
    public static boolean groupExists(int group) {
        return Libc.callInt(KILL, -group, 0) != -Libc.ESRCH;
    }

    /**
     * Kills and reaps everything that is left.
     *
     * @param deadline a {@link System#nanoTime}
     * @return false when something is still there at the deadline
     */
    public static boolean sweep(Children children, long deadline) throws InterruptedException {
        // nearly always all are dead already, and only the waiter has not said so yet
        boolean none = children.awaitNone(System.nanoTime() + MOMENT);
        while (!none) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            killAll();
            none = children.awaitNone(Math.min(deadline, System.nanoTime() + ROUND));
        }
        return true;
    }

    /** SIGKILL for everything that is left: as PID 1 the whole container, else our descendants. */
    public static void killAll() {
        if (isInit()) {
            Libc.callInt(KILL, -1, Signal.KILL.number());
        } else {
            descendants().forEach(pid -> Libc.callInt(KILL, pid, Signal.KILL.number()));
        }
    }

    /** Leaves by _exit(2): the JVM's own way waits 300 ms for threads that are in native code. */
    public static void leave(int code) {
        Libc.call(Libc.function("_exit"), code);
    }

    private static List<Integer> descendants() {
        Map<Integer, List<Integer>> children = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                parent(process)
                        .ifPresent(parent -> children.computeIfAbsent(parent, p -> new ArrayList<>())
                                .add(Integer.parseInt(process.getFileName().toString())));
            }
        } catch (IOException unreadable) {
            throw new IllegalStateException("cannot list /proc: " + unreadable.getMessage(), unreadable);
        }
        List<Integer> found = new ArrayList<>();
        Deque<Integer> open = new ArrayDeque<>(List.of(SELF));
        while (!open.isEmpty()) {
            List<Integer> next = children.getOrDefault(open.pop(), List.of());
            found.addAll(next);
            open.addAll(next);
        }
        return found;
    }

    /** The parent's pid: the second field after the name, which is in brackets and may hold anything (proc(5)). */
    private static Optional<Integer> parent(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(Integer.parseInt(fields[1]));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
