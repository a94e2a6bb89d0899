package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The number of processes in our cgroup that the kernel's out-of-memory killer has killed, and word of each change (cgroups(7),
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst).
 */
public final class OomKills {

    private static final Path MEMBERSHIP = Path.of("/proc/self/cgroup");
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final String COUNTER = "oom_kill ";

    private static final short POLLPRI = 2;

    private final Path file;

    /** What polls readable, or exceptional, after a change; negative: nothing does. */
    private final int notices;

    private final short events;

    private OomKills(Path file, int notices, short events) {
        this.file = file;
        this.notices = notices;
        this.events = events;
    }

    /** Empty when they can't be counted: without a memory controller, or when its files are not visible here. */
    public static Optional<OomKills> ofOurCgroup() {
        try {
            for (String line : Files.readAllLines(MEMBERSHIP)) {
                // hierarchy:controllers:path; version 2 has no controllers
                String[] fields = line.split(":", 3);
                String group = fields[2].substring(1);
                if (List.of(fields[1].split(",")).contains("memory")) {
                    return version1(MOUNT.resolve("memory").resolve(group));
                }
                if (fields[1].isEmpty() && Files.isReadable(MOUNT.resolve(group).resolve("memory.events"))) {
                    return version2(MOUNT.resolve(group).resolve("memory.events"));
                }
            }
        } catch (IOException unreadable) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** Empty when it can't be read. */
    public OptionalLong count() {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(COUNTER))
                    .mapToLong(line -> Long.parseLong(line.substring(COUNTER.length())))
                    .findFirst();
        } catch (IOException unreadable) {
            return OptionalLong.empty();
        }
    }

    /** Whether {@link #awaitNotice} works: version 1 needs the right to write to the cgroup's files, which containers rarely have. */
    public boolean givesNotice() {
        return notices >= 0;
    }

    /** Whether a notice comes just before the kill, as in version 1, and not after it. */
    public boolean noticePrecedesKill() {
        return events == PollSet.POLLIN;
    }

    /** Waits for a change, of this number or of another one in the file. */
    public void awaitNotice() {
        try (Arena arena = Arena.ofConfined()) {
            Descriptors.await(notices, events, -1);
            acknowledge(arena);
        }
    }

    /** Without a read, the descriptor would poll ready again at once. */
    private void acknowledge(Arena arena) {
        if (events == POLLPRI) {
            Descriptors.rewind(notices);
            MemorySegment content = arena.allocate(4096);
            Descriptors.read(notices, content);
        } else {
            Descriptors.read(notices, arena.allocate(JAVA_LONG));
        }
    }

    static Optional<OomKills> version2(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Descriptors.open(arena.allocateFrom(file.toString()), 0);
            OomKills kills = new OomKills(file, fd, POLLPRI);
            if (fd >= 0) {
                kills.acknowledge(arena);
            }
            return Optional.of(kills);
        }
    }

    private static Optional<OomKills> version1(Path group) {
        Path file = group.resolve("memory.oom_control");
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        int notices = Descriptors.eventfd();
        try (Arena arena = Arena.ofConfined()) {
            int fd = Descriptors.open(arena.allocateFrom(file.toString()), 0);
            Files.writeString(group.resolve("cgroup.event_control"), notices + " " + fd);
            Descriptors.close(fd);
            return Optional.of(new OomKills(file, notices, PollSet.POLLIN));
        } catch (IOException readOnly) {
            Descriptors.close(notices);
            return Optional.of(new OomKills(file, -1, PollSet.POLLIN));
        }
    }
}
