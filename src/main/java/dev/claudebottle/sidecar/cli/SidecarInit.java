package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.InvalidBundleException;
import dev.claudebottle.sidecar.os.StartException;
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
        subcommands = {Run.class, Status.class, Events.class, Check.class, Demo.class})
final class SidecarInit implements Callable<Integer>, TopLevelFlags {

    /** As for a fault of the supervisor. */
    private static final int FAULT_CODE = 70;

    @Mixin
    private BundleOptions options;

    /** A bundle file may have the name of a command. */
    CommandLine commandLine() {
        return new CommandLine(this)
                .setAllowSubcommandsAsOptionParameters(true)
                .setExecutionExceptionHandler((failure, _, _) -> report(failure));
    }

    /**
     * Prints why a command failed; a stack trace only for a fault of ours.
     *
     * @return the exit code
     */
    static int report(Throwable failure) {
        switch (failure) {
            case InvalidBundleException invalid -> {
                invalid.errors().forEach(System.err::println);
                return ExitCode.USAGE;
            }
            case StartException cannot -> System.err.println(cannot.getMessage());
            case ExceptionInInitializerError wrapper
            when wrapper.getCause() instanceof StartException cannot -> System.err.println(cannot.getMessage());
            default -> {
                System.err.println("internal error");
                failure.printStackTrace();
            }
        }
        return FAULT_CODE;
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
