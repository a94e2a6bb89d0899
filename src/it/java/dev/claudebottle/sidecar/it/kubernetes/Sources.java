package dev.claudebottle.sidecar.it.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of this repository. */
final class Sources {

    static final Path DEPLOY = Path.of("deploy/kubernetes").toAbsolutePath();
    static final Path TESTS = Path.of("src/it/kubernetes").toAbsolutePath();

    private Sources() {}

    /** A file beside the tests' scripts. */
    static String read(String name) {
        return read(TESTS.resolve(name));
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
