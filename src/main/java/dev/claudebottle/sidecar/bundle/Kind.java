package dev.claudebottle.sidecar.bundle;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * How a value is read from its text, the same for the file, variables and flags.
 *
 * @param name with its article, as in {@code a duration}
 * @param expected what the user should have written
 */
record Kind<T>(String name, String expected, Function<String, Optional<T>> parse) {

    /** Longer ones would overflow a count of nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    static final Kind<TimeSpan> DURATION = new Kind<>(
            "a duration",
            "a whole number and ms, s or m, as in 8s",
            text -> TimeSpan.parse(text).filter(span -> span.duration().compareTo(LONGEST) <= 0));

    static final Kind<TimeSpan> DURATION_ABOVE_ZERO = new Kind<>(
            "a duration above 0",
            DURATION.expected,
            text -> DURATION.parse.apply(text).filter(span -> span.duration().isPositive()));

    static final Kind<FailurePolicy> FAILURE_POLICY =
            new Kind<>("a failure policy", "leave, restart or teardown", FailurePolicy::parse);

    static final Kind<LogFormat> LOG_FORMAT = new Kind<>("a log format", "text or json", LogFormat::parse);

    static final Kind<Signal> SIGNAL = new Kind<>("a signal", "a name such as SIGTERM or TERM", Signal::parse);

    /** Empty after one call of {@code mistake} with the problem and what is expected. */
    Optional<T> read(String text, BiConsumer<String, String> mistake) {
        Optional<T> value = parse.apply(text);
        if (value.isEmpty()) {
            mistake.accept(Shown.quoted(text) + " is not " + name, expected);
        }
        return value;
    }
}
