package dev.claudebottle.sidecar.config;

import java.util.List;

/** The bundle file, a variable or a flag is wrong: nothing may be started. */
public final class InvalidBundleException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Transient because a list need not be serializable; the exception is never serialized. */
    private final transient List<String> errors;

    public InvalidBundleException(List<String> errors) {
        // A user's error needs no stack trace.
        super(String.join("\n", errors), null, false, false);
        this.errors = List.copyOf(errors);
    }

    /** Each is one line, ready for stderr. */
    public List<String> errors() {
        return errors;
    }
}
