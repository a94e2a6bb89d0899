package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;

/** How a process ended, as waitpid(2) reports it: by an exit code or by a signal. */
public sealed interface ExitStatus {

    /** It exited. */
    record Code(int code) implements ExitStatus {}

    /**
     * A signal ended it.
     *
     * @param core it dumped core
     */
    record Killed(Signal signal, boolean core) implements ExitStatus {}

    /** The number that a shell reports: the code, or 128 plus the signal's number. */
    default int number() {
        return switch (this) {
            case Code(int code) -> code;
            case Killed(Signal signal, boolean _) -> 128 + signal.number();
        };
    }
}
