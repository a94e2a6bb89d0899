package dev.claudebottle.sidecar.os;

/** A program could not be started. */
public final class CannotStartException extends Exception {

    static final int NOT_FOUND = 127;
    static final int NOT_STARTED = 126;

    private final int code;
    private final String subject;
    private final String error;

    CannotStartException(int code, String subject, String error) {
        super(subject + ": " + error, null, false, false);
        this.code = code;
        this.subject = subject;
        this.error = error;
    }

    static CannotStartException of(String subject, int errno) {
        return new CannotStartException(NOT_STARTED, subject, Libc.message(errno));
    }

    /** What a shell would exit with: 127 when the program is not found, 126 for anything else. */
    public int code() {
        return code;
    }

    /** What the error is about: the program, the directory, the user. */
    public String subject() {
        return subject;
    }

    /** The cause, in the system's words. */
    public String error() {
        return error;
    }
}
