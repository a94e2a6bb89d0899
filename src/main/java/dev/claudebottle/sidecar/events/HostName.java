package dev.claudebottle.sidecar.events;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The container's host name, from the kernel: a resolver could take seconds, or never answer in a bottle. */
public final class HostName {

    private static final List<Path> SOURCES = List.of(Path.of("/proc/sys/kernel/hostname"), Path.of("/etc/hostname"));
    private static final String UNKNOWN = "localhost";

    private HostName() {}

    public static String get() {
        return SOURCES.stream()
                .map(HostName::read)
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse(UNKNOWN);
    }

    private static String read(Path source) {
        try {
            return Files.readString(source).strip();
        } catch (IOException _) {
            return "";
        }
    }
}
