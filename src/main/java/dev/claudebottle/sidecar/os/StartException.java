package dev.claudebottle.sidecar.os;

/** The supervisor can't start on this machine, or as it was called. Its message says why, and what to do, in one line. */
public final class StartException extends RuntimeException {

    public StartException(String message) {
        super(message, null, false, false);
    }
}
