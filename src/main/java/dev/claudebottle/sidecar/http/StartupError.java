package dev.claudebottle.sidecar.http;

import io.quarkus.runtime.QuarkusBindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.regex.Pattern;

/** Turns the failure of Quarkus' boot into one line for a log. */
final class StartupError {

    /** Bounds the walk in case a chain of causes is circular. */
    private static final int MAX_DEPTH = 50;

    /** How the JVM repeats the failure of a static initialiser. */
    private static final Pattern INITIALISER = Pattern.compile("^Exception [\\w.]+: (.*) \\[in thread \"[^\"]*\"]$");

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
        if (cause instanceof UnsupportedAddressTypeException) {
            return "IPv6 is not available";
        }
        String own = cause.getMessage();
        if (own != null && !own.isBlank()) {
            String line =
                    INITIALISER.matcher(own.strip().replaceAll("\\s+", " ")).replaceFirst("$1");
            // Quarkus puts its own explanation, which is not always true, before the system's message
            return cause instanceof QuarkusBindException ? afterLastColon(line) : line;
        }
        return outer == null ? cause.getClass().getSimpleName() : outer;
    }

    private static String afterLastColon(String line) {
        return line.substring(line.lastIndexOf(": ") + 1).strip();
    }
}
