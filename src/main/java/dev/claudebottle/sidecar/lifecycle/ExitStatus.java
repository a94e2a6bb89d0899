package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;

/** How a process ended, as waitpid(2) tells it: a code and a signal are never confused. */
public sealed interface ExitStatus {

    /** By itself. */
    record Code(int code) implements ExitStatus {}

    /**
     * By a signal.
     *
     * @param core it left a core dump
     */
    record Killed(Signal signal, boolean core) implements ExitStatus {}

    /** The shell's number for it: the code, or 128 plus the signal's number. */
    default int number() {
        return switch (this) {
            case Code(int code) -> code;
            case Killed(Signal signal, boolean _) -> 128 + signal.number();
        };
    }

    /** {@code 1}, {@code 137 (SIGKILL)}. */
    default String text() {
        return switch (this) {
            case Code(int code) -> Integer.toString(code);
            case Killed(Signal signal, boolean _) -> number() + " (" + signal + ")";
        };
    }
}
