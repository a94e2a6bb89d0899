package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.InvalidBundleException;
import java.util.Optional;
import picocli.CommandLine.ExitCode;

/** The program's arguments. */
public final class Arguments {

    private Arguments() {}

    /**
     * Does what the arguments say.
     *
     * @return the exit code; {@code run} and {@code demo} return only when they could not begin
     */
    public static int execute(String... args) {
        try {
            Optional<Flags> plainRun = PlainFlags.parse(args);
            return plainRun.isPresent()
                    ? Run.start(plainRun.get())
                    : new SidecarInit().commandLine().execute(args);
        } catch (Exception failure) {
            return failed(failure);
        }
    }

    static int failed(Exception failure) {
        if (failure instanceof InvalidBundleException invalid) {
            invalid.errors().forEach(System.err::println);
            return ExitCode.USAGE;
        }
        failure.printStackTrace();
        return ExitCode.SOFTWARE;
    }
}
