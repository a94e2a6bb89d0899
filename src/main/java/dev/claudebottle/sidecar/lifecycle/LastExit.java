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
public record LastExit(int code, String signal, Instant at, String error, Boolean oomKilled) {

    static LastExit of(Event.Exited exited, Timestamp now) {
        String signal = exited.status() instanceof ExitStatus.Killed killed
                ? killed.signal().toString()
                : null;
        return new LastExit(exited.status().number(), signal, now.utc(), null, exited.oomKilled());
    }

    static LastExit of(Event.StartFailed failed, Timestamp now) {
        return new LastExit(failed.code(), null, now.utc(), failed.error(), null);
    }

    /** {@code 1}, {@code 137 (SIGKILL)}. */
    public String text() {
        return signal == null ? Integer.toString(code) : code + " (" + signal + ")";
    }
}
