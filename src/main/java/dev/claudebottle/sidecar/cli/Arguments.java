package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.InvalidBundleException;
import java.util.List;
import picocli.CommandLine.ExitCode;

/** What the program was told to do. */
public final class Arguments {

    private Arguments() {}

    /**
     * Does what the arguments say.
     *
     * @return the exit code; {@code run} and {@code demo} come back only when they could not begin
     */
    public static int execute(String... args) {
        try {
            // the way of every container: nothing to parse, so the parser is not even loaded
            boolean plainRun = args.length == 0 || List.of(args).equals(List.of("run"));
            return plainRun ? Run.start(Flags.NONE) : SidecarInit.parse(args);
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
