package dev.claudebottle.sidecar.http;

import io.quarkus.runtime.QuarkusBindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;

/** Why the web server could not start, for a person. */
final class StartupError {

    /** No chain of causes is this long, unless it is a ring. */
    private static final int DEEPEST = 50;

    private StartupError() {}

    /** One line; the innermost cause that has anything to say. */
    static String words(Throwable failure) {
        String words = null;
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            words = words(cause, words);
            cause = cause.getCause();
        }
        return words;
    }

    private static String words(Throwable cause, String outer) {
        if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
            return "Unknown host";
        }
        String message = cause.getMessage();
        if (message != null && !message.isBlank()) {
            String line = message.strip().replaceAll("\\s+", " ");
            // it has put its own words, not always true ones, before the system's
            return cause instanceof QuarkusBindException ? afterLastColon(line) : line;
        }
        return outer == null ? cause.getClass().getSimpleName() : outer;
    }

    private static String afterLastColon(String line) {
        return line.substring(line.lastIndexOf(": ") + 1).strip();
    }
}
