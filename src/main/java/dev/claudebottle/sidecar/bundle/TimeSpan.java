package dev.claudebottle.sidecar.bundle;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A duration, and the text that it was given as: log lines repeat it.
 *
 * @param text as written: {@code 500ms}, {@code 8s} or {@code 2m}
 */
public record TimeSpan(String text, Duration duration) {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m)");

    /** For constants. */
    public static TimeSpan of(String text) {
        return parse(text).orElseThrow();
    }

    /** Empty for anything but a whole number followed by {@code ms}, {@code s} or {@code m}. */
    public static Optional<TimeSpan> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(form.group(1));
        Duration duration = switch (form.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
        };
        return Optional.of(new TimeSpan(text, duration));
    }

    /** The shorter of the two; this one when they are equal. */
    public TimeSpan atMost(TimeSpan limit) {
        return limit.duration.compareTo(duration) < 0 ? limit : this;
    }

    /** The longer of the two; this one when they are equal. */
    public TimeSpan atLeast(TimeSpan limit) {
        return limit.duration.compareTo(duration) > 0 ? limit : this;
    }
}
