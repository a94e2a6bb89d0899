package dev.claudebottle.sidecar.http;

import io.quarkus.runtime.QuarkusBindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;

/** Turns the failure of Quarkus' boot into one line for a log. */
final class StartupError {

    /** Bounds the walk in case a chain of causes is circular. */
    private static final int MAX_DEPTH = 50;

    private StartupError() {}

    /** The message of the innermost cause that has one. */
    static String message(Throwable failure) {
        String message = null;
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            message = message(cause, message);
            cause = cause.getCause();
        }
        return message;
    }

    private static String message(Throwable cause, String outer) {
        if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
            return "Unknown host";
        }
        String own = cause.getMessage();
        if (own != null && !own.isBlank()) {
            String line = own.strip().replaceAll("\\s+", " ");
            // Quarkus puts its own explanation, which is not always true, before the system's message
            return cause instanceof QuarkusBindException ? afterLastColon(line) : line;
        }
        return outer == null ? cause.getClass().getSimpleName() : outer;
    }

    private static String afterLastColon(String line) {
        return line.substring(line.lastIndexOf(": ") + 1).strip();
    }
}
