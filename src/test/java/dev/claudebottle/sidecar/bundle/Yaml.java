package dev.claudebottle.sidecar.bundle;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads a bundle file that exists only in the test. */
final class Yaml {

    private Yaml() {}

    static Bundle read(byte[] file) {
        Mistakes mistakes = new Mistakes();
        var bundle = YamlDocument.parse("b.yaml", file, mistakes).flatMap(BundleReader::read);
        mistakes.throwIfAny();
        return bundle.orElseThrow();
    }

    static Bundle read(String file) {
        return read(file.getBytes(StandardCharsets.UTF_8));
    }

    static List<String> mistakesIn(byte[] file) {
        try {
            read(file);
            return List.of();
        } catch (InvalidBundleException e) {
            return e.mistakes();
        }
    }

    static List<String> mistakesIn(String file) {
        return mistakesIn(file.getBytes(StandardCharsets.UTF_8));
    }

    /** The mistakes of {@code egress}, whose keys begin on line 4. */
    static List<String> mistakesInDaemon(String keys) {
        return mistakesIn("daemons:\n  egress:\n    command: [sleep, 1000]\n" + keys.indent(4));
    }

    /** What {@code egress} is with these keys. */
    static Daemon daemon(String keys) {
        return read("daemons:\n  egress:\n" + keys.indent(4)).daemons().getFirst();
    }
}
