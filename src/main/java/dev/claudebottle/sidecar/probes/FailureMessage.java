package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.os.CannotStartException;
import java.net.UnknownHostException;

/** Describes in one line of text why a check failed. */
final class FailureMessage {

    private static final int MAX_LENGTH = 200;

    private FailureMessage() {}

    static String of(Throwable failure) {
        return switch (failure) {
            case UnknownHostException _ -> "unknown host";
            case CannotStartException e -> shortened("cannot start " + e.getMessage());
            default -> {
                String message = failure.getMessage();
                yield message == null || message.isBlank() ? failure.getClass().getSimpleName() : shortened(message);
            }
        };
    }

    /** A message may quote what the other side sent: line breaks, control characters, any length. */
    private static String shortened(String text) {
        String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "...";
    }
}
