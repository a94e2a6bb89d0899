package dev.claudebottle.sidecar.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The text of a bundle file, whose daemons are shell scripts. */
final class BundleText {

    /** Exits on TERM. */
    static final String OBEDIENT = "echo up; exec sleep 1000";

    /** All that comes out when the only daemon is such an egress, and a TERM stops it. */
    static final List<String> LINES_OF_AN_OBEDIENT_EGRESS = List.of(
            "sidecar-init: starting egress",
            "[egress] up",
            "sidecar-init: shutting down (SIGTERM); forwarding SIGTERM",
            "sidecar-init: egress exited with code 143 (SIGTERM)",
            "sidecar-init: exit 0");

    /** Only KILL ends it. */
    static final String IGNORES_TERM = "trap '' TERM INT; echo up; exec sleep 1000";

    /** Short delays, so that a test need not wait long for restarts. */
    static final String QUICK = "restart: {initial_delay: 10ms, max_delay: 50ms}";

    private final StringBuilder top = new StringBuilder();
    private final StringBuilder daemons = new StringBuilder("daemons:\n");

    private BundleText() {}

    /** The lines that {@code seq 1 LAST} writes. */
    static List<String> seq(int last) {
        return IntStream.rangeClosed(1, last).mapToObj(Integer::toString).toList();
    }

    /** A script that exits at once in its first starts, and is {@link #OBEDIENT} in later ones. */
    static String dies(int times, int code, Path directory) {
        Path starts = directory.resolve("starts");
        return "echo x >>" + starts + "; [ $(wc -l <" + starts + ") -gt " + times + " ] || exit " + code + "; "
                + OBEDIENT;
    }

    /** @param lines the keys before {@code daemons} */
    static BundleText bundle(String... lines) {
        BundleText bundle = new BundleText();
        Stream.of(lines).forEach(line -> bundle.top.append(line).append('\n'));
        return bundle;
    }

    /**
     * A daemon that runs this script.
     *
     * @param keys more keys of the daemon
     */
    BundleText daemon(String name, String script, String... keys) {
        return command(name, List.of("/bin/sh", "-c", script), keys);
    }

    /** A daemon with this command. */
    BundleText command(String name, List<String> command, String... keys) {
        String argv = command.stream().map(BundleText::quoted).collect(Collectors.joining(", ", "[", "]"));
        daemons.append("  ")
                .append(name)
                .append(":\n    command: ")
                .append(argv)
                .append('\n');
        Stream.of(keys).forEach(key -> daemons.append("    ").append(key).append('\n'));
        return this;
    }

    /** Writes the file, which is deleted when this JVM exits. */
    Path file() {
        try {
            Path file = Files.createTempFile("bundle", ".yaml");
            file.toFile().deleteOnExit();
            // readable by a program that is not root
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            return Files.writeString(file, top.toString() + daemons);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("cannot write a bundle file", unwritable);
        }
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
