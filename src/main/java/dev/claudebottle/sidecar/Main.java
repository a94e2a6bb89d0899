package dev.claudebottle.sidecar;

import dev.claudebottle.sidecar.cli.Arguments;
import dev.claudebottle.sidecar.os.Processes;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The entry point. It is a plain {@code main}: the guards run before Quarkus does, and most commands need no Quarkus at all. */
@QuarkusMain
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        int code = Arguments.execute(args);
        System.out.flush();
        System.err.flush();
        Processes.exit(code);
    }
}
