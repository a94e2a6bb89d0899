package dev.claudebottle.sidecar.bundle;

import java.util.Locale;
import java.util.Optional;

/** How lines go to stdout. */
public enum LogFormat {
    /** {@code [name] line}. */
    TEXT,
    /** One JSON object a line. */
    JSON;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<LogFormat> parse(String word) {
        for (LogFormat format : values()) {
            if (format.word().equals(word)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}
