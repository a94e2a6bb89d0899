package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Word;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** The values that a shell offers for a flag or an argument. */
abstract class Candidates implements Iterable<String> {

    private final List<String> values;

    Candidates(List<String> values) {
        this.values = values;
    }

    Candidates(Word... words) {
        this(Stream.of(words).map(Word::word).toList());
    }

    @Override
    public Iterator<String> iterator() {
        return values.iterator();
    }

    /** For {@code --failure-policy}. */
    static final class FailurePolicies extends Candidates {
        FailurePolicies() {
            super(FailurePolicy.values());
        }
    }

    /** For {@code --log-format}. */
    static final class LogFormats extends Candidates {
        LogFormats() {
            super(LogFormat.values());
        }
    }
}
