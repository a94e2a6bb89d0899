package dev.claudebottle.sidecar.os;

/** A daemon or a probe's command could not be started. */
public final class CannotStartException extends Exception {

    /** A shell's exit codes (POSIX, Shell Command Language, 2.8.2). */
    static final int NOT_FOUND = 127;

    static final int CANNOT_EXECUTE = 126;

    private final int code;
    private final String subject;
    private final String error;

    /** @param error the cause, in the words of strerror(3) where it has an errno */
    CannotStartException(int code, String subject, String error) {
        super(subject + ": " + error, null, false, false);
        this.code = code;
        this.subject = subject;
        this.error = error;
    }

    static CannotStartException of(String subject, int errno) {
        return new CannotStartException(CANNOT_EXECUTE, subject, Libc.message(errno));
    }

    /** 127 when the program is not found, 126 for anything else. */
    public int code() {
        return code;
    }

    /** What the error is about: the program, the directory or the user. */
    public String subject() {
        return subject;
    }

    /** The cause, for example {@code No such file or directory}. */
    public String error() {
        return error;
    }
}
