package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Collects errors, so that the user sees all of them at once. */
final class ConfigErrors {

    /** Bounds the memory that a file with a million errors takes; aliases can make one. */
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

    /** An error in a variable or flag, which is listed after those of the file. */
    void in(String name, String problem, String expected) {
        add(Integer.MAX_VALUE, name + ": " + problem + "; expected " + expected);
    }

    /** Empty when the error is counted only. */
    String suggestion(String word, Collection<String> known) {
        return found.size() == MOST ? "" : Suggestion.of(word, known);
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
