package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Suggestion;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The same as the flag {@code --help}, of the program or of a command. */
@Command(name = "help", description = "Show this help, or that of a command.", mixinStandardHelpOptions = true)
final class Help implements Callable<Integer> {

    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "One of the commands.")
    private String command;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        topLevel.refuse(spec);
        CommandLine program = spec.parent().commandLine();
        Map<String, CommandLine> commands = program.getSubcommands();
        if (command != null && !commands.containsKey(command)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "unknown command " + command + Suggestion.of(command, commands.keySet()) + "; expected one of "
                            + String.join(", ", commands.keySet()));
        }
        (command == null ? program : commands.get(command)).usage(System.out);
        return 0;
    }
}
