package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;

/** The command line: the flags of {@code run}, and the other commands. */
@Command(
        name = "sidecar-init",
        description = "PID 1 of the container that guards an AI coding agent. Without a command: run.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {Run.class, Status.class, Check.class, Demo.class})
final class SidecarInit implements Callable<Integer> {

    @Mixin
    private BundleOptions options;

    /** Parses the arguments and does what they say. */
    static int parse(String... args) {
        return new CommandLine(new SidecarInit())
                .setExecutionExceptionHandler((failure, command, parsed) -> Arguments.failed(failure))
                .execute(args);
    }

    @Override
    public Integer call() throws InterruptedException {
        return Run.start(options.flags());
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
}
