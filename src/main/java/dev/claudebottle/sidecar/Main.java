package dev.claudebottle.sidecar;

import dev.claudebottle.sidecar.cli.Arguments;
import dev.claudebottle.sidecar.os.Processes;

/** Where the JVM begins. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        int code = Arguments.execute(args);
        System.out.flush();
        System.err.flush();
        Processes.leave(code);
    }
}
