package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.Flags;
import dev.claudebottle.sidecar.bundle.InvalidBundleException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;

/** The command line. */
@Command(
        name = "sidecar-init",
        description = "PID 1 of the container that guards an AI coding agent. Without a command: run.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {Run.class, Status.class, Check.class, Demo.class})
public final class SidecarInit implements Callable<Integer> {

    /** Flags, variables or the bundle file are wrong; picocli's own code for wrong usage. */
    static final int USAGE = CommandLine.ExitCode.USAGE;

    @Mixin
    private BundleOptions options;

    /**
     * Does what the arguments say.
     *
     * @return the exit code; {@code run} and {@code demo} come back only when they could not begin
     */
    public static int execute(String... args) {
        try {
            if (args.length == 0 || List.of(args).equals(List.of("run"))) {
                // the way of every container: nothing to parse, so the parser is not loaded either
                return Run.run(Flags.NONE);
            }
            return new CommandLine(new SidecarInit())
                    .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure))
                    .execute(args);
        } catch (Exception failure) {
            return failed(failure);
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        return Run.run(options.flags());
    }

    /** Flags before a command's name count like those behind it, which win. */
    Flags flags(BundleOptions behind) {
        return behind.flags().or(options.flags());
    }

    /** For commands that run no bundle of the user's: a flag is never silently ignored. */
    void refuseFlags(CommandSpec command) {
        if (!options.flags().equals(Flags.NONE)) {
            throw new CommandLine.ParameterException(
                    command.commandLine(), command.name() + " takes none of run's flags");
        }
    }

    private static int failed(Exception failure) {
        if (failure instanceof InvalidBundleException invalid) {
            invalid.mistakes().forEach(System.err::println);
            return USAGE;
        }
        failure.printStackTrace();
        return CommandLine.ExitCode.SOFTWARE;
    }
}
