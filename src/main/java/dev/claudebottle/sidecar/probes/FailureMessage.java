package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.os.CannotStartException;
import java.net.UnknownHostException;

/** Why a probe failed, in a few words for one log line. */
final class FailureMessage {

    private static final int LONGEST = 200;

    private FailureMessage() {}

    static String of(Throwable failure) {
        return switch (failure) {
            case UnknownHostException _ -> "unknown host";
            case CannotStartException cannot -> shortened("cannot start " + cannot.getMessage());
            default -> {
                String message = failure.getMessage();
                yield message == null || message.isBlank() ? failure.getClass().getSimpleName() : shortened(message);
            }
        };
    }

    /** Messages may hold what the other side sent, of any length. */
    private static String shortened(String text) {
        String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }
}
