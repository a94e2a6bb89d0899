package dev.claudebottle.sidecar.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A directory that looks like a JDK; its `java` prints where it is, and ends. */
final class FakeJdk {

    private FakeJdk() {}

    static Path create(Path home, String version) throws IOException {
        return create(home, version, "bin/java", "bin/javac");
    }

    static Path create(Path home, String version, String... programs) throws IOException {
        for (String name : programs) {
            program(home.resolve(name), "echo the java of " + home);
        }
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    static void program(Path file, String commands) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
