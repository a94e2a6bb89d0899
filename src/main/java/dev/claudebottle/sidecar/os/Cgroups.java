package dev.claudebottle.sidecar.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One cgroup (version 2) for each daemon, which also holds what has left the daemon's session; see cgroups(7). Only where we are PID 1, may write our own
 * cgroup, and share it with no process from outside: elsewhere nothing happens here, and a daemon is its session. No controller is ever enabled.
 */
final class Cgroups {

    private static final List<String> MOUNTS = List.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified");
    private static final String PROCS = "cgroup.procs";
    private static final String PREFIX = "sidecar-init-";
    private static final int O_WRONLY = 1;
    private static final MemorySegment RMDIR = Libc.function("rmdir");

    /** The cgroup of each daemon's latest start, by session. */
    private static final Map<Integer, Path> BY_SESSION = new ConcurrentHashMap<>();

    /** A holder, so that our cgroup is looked for after the first daemon has been started. */
    private static final class Ours {
        static final Path GROUP = find();
    }

    /** Whether the kernel has refused something. */
    private static volatile boolean refused;

    private Cgroups() {}

    /** Moves a daemon that has just been started, and what it has forked in its session meanwhile, into its cgroup. */
    static void hold(String daemon, int session) {
        if (Ours.GROUP == null || refused) {
            return;
        }
        Path group = Ours.GROUP.resolve(PREFIX + daemon);
        try {
            if (!Files.isDirectory(group)) {
                Files.createDirectory(group);
            }
        } catch (IOException refusal) {
            refused = true;
            return;
        }
        // what an earlier start has left there is this one's
        BY_SESSION.values().remove(group);
        Set<Integer> moved = new HashSet<>();
        int[] members = {session};
        int before;
        do {
            before = moved.size();
            for (int pid : members) {
                if (moved.add(pid) && !isDone(write(group.resolve(PROCS), Integer.toString(pid)))) {
                    refused = true;
                    return;
                }
            }
            members = SessionScan.take().members(session);
        } while (moved.size() > before);
        BY_SESSION.put(session, group);
    }

    /** The pids of the processes in the cgroup of this session's daemon. */
    static List<Integer> members(int session) {
        Path group = BY_SESSION.get(session);
        return group == null ? List.of() : pids(group);
    }

    /** The pids in all daemons' cgroups. */
    static Set<Integer> allMembers() {
        Set<Integer> all = new HashSet<>();
        BY_SESSION.values().forEach(group -> all.addAll(pids(group)));
        return all;
    }

    /** Kills the whole cgroup at once, where the kernel can (since 5.14). */
    static void kill(int session) {
        Path group = BY_SESSION.get(session);
        if (group != null) {
            write(group.resolve("cgroup.kill"), "1");
        }
    }

    /** Removes the cgroups that are empty. */
    static void remove() {
        try (Arena arena = Arena.ofConfined()) {
            BY_SESSION
                    .values()
                    .forEach(group -> Libc.callInt(
                            RMDIR, arena.allocateFrom(group.toString()).address()));
        }
    }

    /** Null when there is none that we may use. */
    private static Path find() {
        if (!Processes.isInit() || MOUNTS.stream().noneMatch(mount -> new File(mount, PROCS).canWrite())) {
            return null;
        }
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
                if (line.startsWith("0::/")) {
                    String path = line.substring("0::/".length());
                    return MOUNTS.stream()
                            .map(mount -> Path.of(mount, path))
                            .filter(Cgroups::isOurs)
                            .findFirst()
                            .orElse(null);
                }
            }
        } catch (IOException unreadable) {
            return null;
        }
        return null;
    }

    /** A process of another pid namespace is listed as 0. */
    private static boolean isOurs(Path group) {
        List<Integer> pids = pids(group);
        return pids.contains(Processes.self()) && !pids.contains(0);
    }

    private static List<Integer> pids(Path group) {
        try {
            return Files.readAllLines(group.resolve(PROCS)).stream()
                    .map(Integer::valueOf)
                    .toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    /** A process that has died meanwhile need not be moved. */
    private static boolean isDone(long result) {
        return result >= 0 || result == -Libc.ESRCH;
    }

    /** Returns a negative errno when it fails. */
    private static long write(Path file, String text) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Descriptors.open(Libc.toCString(arena, file.toString().getBytes(UTF_8)), O_WRONLY);
            if (fd < 0) {
                return fd;
            }
            byte[] bytes = text.getBytes(UTF_8);
            long written = Descriptors.write(fd, Libc.toCString(arena, bytes).asSlice(0, bytes.length));
            Descriptors.close(fd);
            return written;
        }
    }
}
