package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads bundle files from text. */
final class BundleFixture {

    private BundleFixture() {}

    static Bundle read(byte[] file) {
        ConfigErrors errors = new ConfigErrors();
        var bundle = YamlDocument.parse("b.yaml", file, errors).flatMap(BundleReader::read);
        errors.throwIfAny();
        return bundle.orElseThrow();
    }

    static Bundle read(String file) {
        return read(file.getBytes(StandardCharsets.UTF_8));
    }

    static List<String> errorsIn(byte[] file) {
        try {
            read(file);
            return List.of();
        } catch (InvalidBundleException e) {
            return e.errors();
        }
    }

    static List<String> errorsIn(String file) {
        return errorsIn(file.getBytes(StandardCharsets.UTF_8));
    }

    /** The errors of a daemon {@code egress} with a command and these keys, which begin on line 4. */
    static List<String> errorsInDaemon(String keys) {
        return errorsIn("daemons:\n  egress:\n    command: [sleep, 1000]\n" + keys.indent(4));
    }

    /** A daemon {@code egress} with these keys. */
    static Daemon daemon(String keys) {
        return read("daemons:\n  egress:\n" + keys.indent(4)).daemons().getFirst();
    }
}
