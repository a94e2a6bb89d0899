package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import java.util.Optional;

/** The program's arguments. */
public final class Arguments {

    private Arguments() {}

    /**
     * Does what the arguments say.
     *
     * @return the exit code; {@code run} and {@code demo} return only when they have started no daemon
     */
    public static int execute(String... args) {
        try {
            Optional<Flags> plainRun = PlainFlags.parse(args);
            return plainRun.isPresent()
                    ? Run.start(plainRun.get())
                    : new SidecarInit().commandLine().execute(args);
        } catch (Throwable failure) {
            return SidecarInit.report(failure);
        }
    }
}
