package dev.claudebottle.sidecar.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A cgroup with a memory limit, of version 1 or 2; closing it removes it, once its processes have ended. */
record MemoryCgroup(Path directory) implements AutoCloseable {

    private static final Path MOUNT = Path.of("/sys/fs/cgroup");

    /** Empty when this machine doesn't let us make one. */
    static Optional<MemoryCgroup> limitedTo(long bytes) {
        return Stream.of(MOUNT.resolve("memory"), MOUNT)
                .filter(parent -> Files.isWritable(parent)
                        && (Files.exists(parent.resolve("memory.limit_in_bytes")) || hasMemory(parent)))
                .findFirst()
                .flatMap(parent -> make(parent.resolve("sidecar-it-" + System.nanoTime()), bytes));
    }

    private static boolean hasMemory(Path parent) {
        try {
            return Files.readString(parent.resolve("cgroup.subtree_control")).contains("memory");
        } catch (IOException none) {
            return false;
        }
    }

    private static Optional<MemoryCgroup> make(Path directory, long bytes) {
        try {
            Files.createDirectory(directory);
            Path version1 = directory.resolve("memory.limit_in_bytes");
            Files.writeString(
                    Files.exists(version1) ? version1 : directory.resolve("memory.max"), Long.toString(bytes));
            return Optional.of(new MemoryCgroup(directory));
        } catch (IOException refused) {
            return Optional.empty();
        }
    }

    /** A shell command that puts the shell into it. */
    String enter() {
        return "echo $$ >" + directory + "/cgroup.procs";
    }

    /** The processes that the out-of-memory killer has ended. */
    long kills() {
        try {
            Path version1 = directory.resolve("memory.oom_control");
            return Files.readAllLines(Files.exists(version1) ? version1 : directory.resolve("memory.events")).stream()
                    .filter(line -> line.startsWith("oom_kill "))
                    .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                    .sum();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @Override
    public void close() {
        LinuxProcess.shell(
                "for i in 1 2 3 4 5 6 7 8 9; do rmdir " + directory + " 2>/dev/null && exit; sleep 0.2; done");
    }
}
