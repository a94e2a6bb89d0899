package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.os.CannotStartException;
import dev.claudebottle.sidecar.os.Errno;
import java.io.IOException;
import java.util.Optional;

/** Tells a check that could not be made, because this machine has nothing left, from one that failed. */
final class Shortage {

    private Shortage() {}

    /** What is missing; empty when the check was made and failed. */
    static Optional<String> of(Throwable failure) {
        boolean missing = switch (failure) {
            // of the heap, or of a thread: the JVM has one exception for both
            case OutOfMemoryError _ -> true;
            case CannotStartException cannot -> Errno.isShortage(cannot.error());
            // the JDK's socket exceptions have the words of strerror(3) and no number
            case IOException error -> error.getMessage() != null && Errno.isShortage(error.getMessage());
            default -> false;
        };
        return missing ? Optional.of(FailureMessage.of(failure)) : Optional.empty();
    }
}
