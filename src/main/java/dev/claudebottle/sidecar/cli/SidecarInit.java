package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.InvalidBundleException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** The command line: the flags of {@code run}, and the other commands. */
@Command(
        name = "sidecar-init",
        description = "PID 1 of the container that guards an AI coding agent. Without a command: run.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {Run.class, Status.class, Check.class, Demo.class})
final class SidecarInit implements Callable<Integer>, TopLevelFlags {

    @Mixin
    private BundleOptions options;

    /** A bundle file may have the name of a command. */
    CommandLine commandLine() {
        return new CommandLine(this)
                .setAllowSubcommandsAsOptionParameters(true)
                .setExecutionExceptionHandler((failure, _, _) -> report(failure));
    }

    /**
     * Prints why a command failed.
     *
     * @return the exit code
     */
    static int report(Exception failure) {
        if (failure instanceof InvalidBundleException invalid) {
            invalid.errors().forEach(System.err::println);
            return ExitCode.USAGE;
        }
        failure.printStackTrace();
        return ExitCode.SOFTWARE;
    }

    @Override
    public Integer call() throws InterruptedException {
        return Run.start(flags());
    }

    @Override
    public Flags flags() {
        return options.flags();
    }
}
