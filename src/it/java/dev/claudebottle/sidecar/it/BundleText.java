package dev.claudebottle.sidecar.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A bundle file, put together: daemons are shell scripts. */
final class BundleText {

    /** Ends on TERM. */
    static final String OBEDIENT = "echo up; exec sleep 1000";

    /** Only KILL ends it. */
    static final String DEAF = "trap '' TERM INT; echo up; exec sleep 1000";

    /** Restarts that a test has the time to wait for. */
    static final String QUICK = "restart: {initial_delay: 10ms, max_delay: 50ms}";

    private final StringBuilder top = new StringBuilder();
    private final StringBuilder daemons = new StringBuilder("daemons:\n");

    private BundleText() {}

    /** A script whose first lives end at once; the next one goes on, and is obedient. */
    static String dies(int times, int code, Path directory) {
        Path lives = directory.resolve("lives");
        return "echo x >>" + lives + "; [ $(wc -l <" + lives + ") -gt " + times + " ] || exit " + code + "; "
                + OBEDIENT;
    }

    /** @param lines keys of the bundle itself */
    static BundleText bundle(String... lines) {
        BundleText bundle = new BundleText();
        Stream.of(lines).forEach(line -> bundle.top.append(line).append('\n'));
        return bundle;
    }

    /** @param keys more of the daemon's keys */
    BundleText daemon(String name, String script, String... keys) {
        return command(name, List.of("/bin/sh", "-c", script), keys);
    }

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

    /** The file, which goes when this JVM does. */
    Path file() {
        try {
            Path file = Files.createTempFile("bundle", ".yaml");
            file.toFile().deleteOnExit();
            // for a program that is not root, too
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
