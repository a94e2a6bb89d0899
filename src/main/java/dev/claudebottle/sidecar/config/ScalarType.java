package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.ByteSize;
import dev.claudebottle.sidecar.bundle.Colour;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.bundle.Word;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A value that is one piece of text, read in the same way from the file, a variable or a flag.
 *
 * @param name with its article, as in {@code a duration}
 * @param words of which one may have been meant by another
 */
record ScalarType<V>(
        String name, String expected, List<String> words, Function<String, Optional<V>> parse, Function<V, String> text)
        implements ValueType<V> {

    /** Longer ones would overflow a count of nanoseconds. */
    static final Duration LONGEST = Duration.ofDays(36_500);

    static final ScalarType<TimeSpan> DURATION = new ScalarType<>(
            "a duration",
            "a whole number and ms, s or m, as in 8s",
            List.of(),
            text -> TimeSpan.parse(text).filter(span -> span.duration().compareTo(LONGEST) <= 0),
            TimeSpan::text);

    static final ScalarType<TimeSpan> DURATION_ABOVE_ZERO = new ScalarType<>(
            "a duration above 0",
            DURATION.expected,
            List.of(),
            text -> DURATION.parse.apply(text).filter(span -> span.duration().isPositive()),
            TimeSpan::text);

    static final ScalarType<FailurePolicy> FAILURE_POLICY = words("a failure policy", FailurePolicy.values());

    static final ScalarType<LogFormat> LOG_FORMAT = words("a log format", LogFormat.values());

    static final ScalarType<Colour> COLOUR = words("what becomes of colours", Colour.values());

    /** A smaller piece would be mostly its label. */
    static final int SHORTEST_LINE = 64;

    /** Four of these are all that may be unfinished at a time: what is read of them is in memory until they end. */
    static final int LONGEST_LINE = 4 << 20;

    static final ScalarType<ByteSize> LINE_SIZE = new ScalarType<>(
            "the size of a line",
            "a whole number and B, KiB or MiB, as in 16KiB, from 64B to 4MiB",
            List.of(),
            text -> ByteSize.parse(text).filter(size -> size.bytes() >= SHORTEST_LINE && size.bytes() <= LONGEST_LINE),
            ByteSize::text);

    static final ScalarType<Signal> SIGNAL = new ScalarType<>(
            "a signal", "a name such as SIGTERM or TERM", Signal.names(), Signal::parse, Signal::toString);

    /** One of these words. */
    @SafeVarargs
    static <W extends Word> ScalarType<W> words(String name, W... known) {
        StringBuilder expected = new StringBuilder();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < known.length; i++) {
            words.add(known[i].word());
            expected.append(i == 0 ? "" : i < known.length - 1 ? ", " : " or ").append(known[i].word());
        }
        return new ScalarType<>(name, expected.toString(), List.copyOf(words), text -> find(text, known), Word::word);
    }

    private static <W extends Word> Optional<W> find(String text, W[] known) {
        for (W constant : known) {
            if (constant.word().equals(text)) {
                return Optional.of(constant);
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<V> read(Value value) {
        return value.written(expected).flatMap(text -> read(text, value::error));
    }

    /** Empty after one call of {@code error} with the problem and what is expected. */
    Optional<V> read(String text, BiConsumer<String, String> error) {
        Optional<V> value = parse.apply(text);
        if (value.isEmpty()) {
            error.accept(Printable.quoted(text) + " is not " + name + Suggestion.of(text, words), expected);
        }
        return value;
    }

    @Override
    public Object render(V value) {
        return text.apply(value);
    }
}
