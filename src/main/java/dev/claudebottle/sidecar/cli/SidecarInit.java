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

    /** A bundle file may have the name of a command. */
    CommandLine commandLine() {
        return new CommandLine(this)
                .setAllowSubcommandsAsOptionParameters(true)
                .setExecutionExceptionHandler((failure, _, _) -> Arguments.failed(failure));
    }

    @Override
    public Integer call() throws InterruptedException {
        return Run.start(flags());
    }

    Flags flags() {
        return options.flags();
    }

    /** Flags before a command's name count like those after it, which win. */
    Flags flags(BundleOptions after) {
        return after.flags().or(flags());
    }

    /** For commands that run no bundle of the user's: a flag is never silently ignored. */
    void refuseFlags(CommandSpec command) {
        if (!flags().equals(Flags.NONE)) {
            throw new CommandLine.ParameterException(
                    command.commandLine(), command.name() + " takes none of run's flags");
        }
    }
}
