package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads bundle files from text, and asserts that the schema agrees with the reader on each. */
final class BundleFixture {

    /** Larger ones are made to try the reader's limits, and take the schema's validator seconds. */
    private static final int LARGEST_FOR_SCHEMA = 1 << 16;

    private BundleFixture() {}

    static Bundle read(byte[] file) {
        ConfigErrors errors = new ConfigErrors();
        var root = YamlDocument.parse("b.yaml", file, errors);
        var bundle = root.flatMap(BundleReader::read);
        if (file.length <= LARGEST_FOR_SCHEMA) {
            root.ifPresent(value -> SchemaAgreement.check(value, list(errors)));
        }
        errors.throwIfAny();
        return bundle.orElseThrow();
    }

    private static List<String> list(ConfigErrors errors) {
        try {
            errors.throwIfAny();
            return List.of();
        } catch (InvalidBundleException e) {
            return e.errors();
        }
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
