package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The flags before a command's name, as that command sees them. */
interface TopLevelFlags {

    Flags flags();

    /** These flags and those after the command's name, which win. */
    default Flags flags(BundleOptions after) {
        return after.flags().or(flags());
    }

    /** For commands that run no bundle of the user's: a flag is never silently ignored. */
    default void refuse(CommandSpec command) {
        if (!flags().equals(Flags.NONE)) {
            throw new ParameterException(command.commandLine(), command.name() + " takes none of run's flags");
        }
    }
}
