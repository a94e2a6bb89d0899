package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong, so that all of it is said at once. */
final class ConfigErrors {

    /** Keeps a file that is wrong a million times (aliases can do that) from filling the memory. */
    private static final int MOST = 1000;

    private record ConfigError(int line, String text) {}

    private final List<ConfigError> found = new ArrayList<>();
    private int more;

    void inFile(String file, int line, String key, String problem, String expected) {
        add(line, file + ":" + line + ": " + key + ": " + problem + "; expected " + expected);
    }

    void inFile(String file, String cause) {
        add(0, "cannot read " + file + ": " + cause + "; expected a bundle file");
    }

    /** A wrong variable or flag. They are listed after the file's errors. */
    void in(String name, String problem, String expected) {
        add(Integer.MAX_VALUE, name + ": " + problem + "; expected " + expected);
    }

    private void add(int line, String text) {
        if (found.size() == MOST) {
            more++;
        } else {
            found.add(new ConfigError(line, Printable.printable(text)));
        }
    }

    void throwIfAny() {
        if (found.isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>();
        found.stream()
                .sorted(Comparator.comparingInt(ConfigError::line))
                .map(ConfigError::text)
                .forEach(lines::add);
        if (more > 0) {
            lines.add("and " + more + " more mistakes");
        }
        throw new InvalidBundleException(lines);
    }
}
