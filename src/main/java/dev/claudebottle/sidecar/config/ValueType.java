package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.bundle.Word;
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
record ValueType<T>(String name, String expected, Function<String, Optional<T>> parse) {

    /** Longer ones would overflow a count of nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    static final ValueType<TimeSpan> DURATION = new ValueType<>(
            "a duration",
            "a whole number and ms, s or m, as in 8s",
            text -> TimeSpan.parse(text).filter(span -> span.duration().compareTo(LONGEST) <= 0));

    static final ValueType<TimeSpan> DURATION_ABOVE_ZERO = new ValueType<>(
            "a duration above 0",
            DURATION.expected,
            text -> DURATION.parse.apply(text).filter(span -> span.duration().isPositive()));

    static final ValueType<FailurePolicy> FAILURE_POLICY = words("a failure policy", FailurePolicy.values());

    static final ValueType<LogFormat> LOG_FORMAT = words("a log format", LogFormat.values());

    static final ValueType<Signal> SIGNAL =
            new ValueType<>("a signal", "a name such as SIGTERM or TERM", Signal::parse);

    /** One of these words. */
    @SafeVarargs
    static <W extends Word> ValueType<W> words(String name, W... known) {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < known.length; i++) {
            expected.append(i == 0 ? "" : i < known.length - 1 ? ", " : " or ").append(known[i].word());
        }
        return new ValueType<>(name, expected.toString(), text -> find(text, known));
    }

    private static <W extends Word> Optional<W> find(String text, W[] known) {
        for (W constant : known) {
            if (constant.word().equals(text)) {
                return Optional.of(constant);
            }
        }
        return Optional.empty();
    }

    /** Empty after one call of {@code error} with the problem and what is expected. */
    Optional<T> read(String text, BiConsumer<String, String> error) {
        Optional<T> value = parse.apply(text);
        if (value.isEmpty()) {
            error.accept(Printable.quoted(text) + " is not " + name, expected);
        }
        return value;
    }
}
