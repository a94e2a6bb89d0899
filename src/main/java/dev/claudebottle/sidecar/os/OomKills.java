package dev.claudebottle.sidecar.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The number of processes in our cgroup that the kernel's out-of-memory killer has killed (cgroups(7)). */
public final class OomKills {

    private static final Path MEMBERSHIP = Path.of("/proc/self/cgroup");
    private static final String MOUNT = "/sys/fs/cgroup";

    private OomKills() {}

    /** Empty when it can't be read: without a memory controller, or when its files are not visible here. */
    public static OptionalLong count() {
        try {
            for (String line : Files.readAllLines(MEMBERSHIP)) {
                // hierarchy:controllers:path; version 2 has no controllers
                String[] fields = line.split(":", 3);
                Path file = fields[1].isEmpty()
                        ? Path.of(MOUNT, fields[2], "memory.events")
                        : Path.of(MOUNT, "memory", fields[2], "memory.oom_control");
                boolean memory =
                        fields[1].isEmpty() || List.of(fields[1].split(",")).contains("memory");
                if (memory && Files.isReadable(file)) {
                    return Files.readAllLines(file).stream()
                            .filter(entry -> entry.startsWith("oom_kill "))
                            .mapToLong(entry -> Long.parseLong(entry.substring("oom_kill ".length())))
                            .findFirst();
                }
            }
        } catch (IOException unreadable) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }
}
