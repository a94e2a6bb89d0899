package dev.claudebottle.sidecar.lifecycle;

import java.time.Instant;

/**
 * How the latest start of a daemon ended.
 *
 * @param code the exit code, or 128 plus the signal's number; 127 or 126 if it could not be started
 * @param signal {@code SIGKILL}; null if no signal ended it
 * @param error why it could not be started; null if it ran
 * @param oomKilled by the kernel's out-of-memory killer; null if that is unknown
 */
public record LastExit(int code, String signal, ExitReason reason, Instant at, String error, Boolean oomKilled) {

    /** @param state in which its first process ended */
    static LastExit of(DaemonState state, Event.Exited exited, Timestamp now) {
        String signal = exited.status() instanceof ExitStatus.Killed killed
                ? killed.signal().toString()
                : null;
        ExitReason reason = ExitReason.of(state, exited.status());
        return new LastExit(exited.status().number(), signal, reason, now.utc(), null, exited.oomKilled());
    }

    static LastExit of(Event.StartFailed failed, Timestamp now) {
        return new LastExit(failed.code(), null, ExitReason.START, now.utc(), failed.error(), null);
    }

    /** {@code 1}, {@code 137 (SIGKILL, out of memory)}, {@code 0 (liveness)}. */
    public String text() {
        return text(code, signal, oomKilled, reason == ExitReason.LIVENESS);
    }

    /** The same for the line that reports the end: that its liveness probe failed has been said before. */
    String textOfLine() {
        return text(code, signal, oomKilled, false);
    }

    /** The same for an end that was read from JSON. */
    public static String text(long code, String signal, Boolean oomKilled, boolean liveness) {
        StringBuilder causes = new StringBuilder();
        add(causes, signal);
        add(causes, Boolean.TRUE.equals(oomKilled) ? "out of memory" : null);
        add(causes, liveness ? ExitReason.LIVENESS.word() : null);
        return causes.isEmpty() ? Long.toString(code) : code + " (" + causes + ")";
    }

    private static void add(StringBuilder causes, String cause) {
        if (cause != null) {
            causes.append(causes.isEmpty() ? "" : ", ").append(cause);
        }
    }
}
