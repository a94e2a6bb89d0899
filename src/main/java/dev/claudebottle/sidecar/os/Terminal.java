package dev.claudebottle.sidecar.os;

/** Whether somebody looks at what we print. */
public final class Terminal {

    private static final int STDOUT = 1;

    private Terminal() {}

    /** Whether stdout is a terminal (isatty(3)). */
    public static boolean isStdout() {
        return Libc.callInt(Libc.function("isatty"), STDOUT) == 1;
    }
}
