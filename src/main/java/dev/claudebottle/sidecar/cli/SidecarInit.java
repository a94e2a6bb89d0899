package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.InvalidBundleException;
import dev.claudebottle.sidecar.config.Printable;
import dev.claudebottle.sidecar.config.Suggestion;
import dev.claudebottle.sidecar.os.StartException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: the flags of {@code run}, and the other commands. */
@Command(
        name = "sidecar-init",
        description = "PID 1 of the container that guards an AI coding agent. Without a command: run.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            Run.class,
            Status.class,
            Events.class,
            Restart.class,
            Check.class,
            Demo.class,
            Help.class,
            Completion.class
        },
        footer = {
            "",
            "A flag wins over its variable, a variable over the bundle file, the file over the default. An empty variable"
                    + " counts as unset. /status, /events, health and metrics are served where QUARKUS_HTTP_HOST"
                    + " (default: 127.0.0.1) and QUARKUS_HTTP_PORT (default: 9180) say.",
            "",
            "Exit code of run: the highest of its daemons' last ends, 0 after an obedient stop; 2 for a mistake in flags,"
                    + " variables or bundle file; 70 for a fault of Sidecar Init or a machine that does not allow the"
                    + " start.",
            "",
            "Documentation: docs/operating.md in the source tree; sidecar-init help COMMAND."
        })
final class SidecarInit implements Callable<Integer>, TopLevelFlags {

    /** As for a fault of the supervisor. */
    private static final int FAULT_CODE = 70;

    @Mixin
    private BundleOptions options;

    /** A bundle file may have the name of a command. */
    CommandLine commandLine() {
        CommandLine program = new CommandLine(this);
        IParameterExceptionHandler standard = program.getParameterExceptionHandler();
        return program.setAllowSubcommandsAsOptionParameters(true)
                .setParameterExceptionHandler((mistake, args) -> refuse(mistake, args, standard))
                .setExecutionExceptionHandler((failure, _, _) -> report(failure));
    }

    /** Picocli's own suggestions overlook exchanged letters. */
    private static int refuse(ParameterException mistake, String[] args, IParameterExceptionHandler standard)
            throws Exception {
        CommandSpec command = mistake.getCommandLine().getCommandSpec();
        Set<String> known = new LinkedHashSet<>(command.optionsMap().keySet());
        String name;
        if (mistake instanceof UnmatchedArgumentException unknown) {
            known.addAll(command.subcommands().keySet());
            name = withoutValue(unknown.getUnmatched().getFirst());
        } else {
            // the value of an unknown flag may be a command, which then lacks what it needs: --failure-polcy restart
            known.addAll(command.root().optionsMap().keySet());
            name = Stream.of(args)
                    .map(SidecarInit::withoutValue)
                    .filter(arg -> arg.startsWith("--") && !known.contains(arg))
                    .findFirst()
                    .orElse("");
        }
        String suggestion = Suggestion.of(name, known);
        if (suggestion.isEmpty()) {
            return standard.handleParseException(mistake, args);
        }
        System.err.println(
                Printable.printable("unknown " + (name.startsWith("-") ? "flag " : "command ") + name + suggestion));
        return ExitCode.USAGE;
    }

    private static String withoutValue(String flag) {
        return flag.replaceFirst("=.*", "");
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
