package dev.claudebottle.sidecar.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Prints the script by which a shell completes our commands and flags. */
@Command(
        name = "completion",
        description = {
            "Print what makes a shell complete commands and flags.",
            "bash, zsh: source <(sidecar-init completion bash)",
            "fish: sidecar-init completion fish | source"
        },
        mixinStandardHelpOptions = true)
final class Completion implements Callable<Integer> {

    @Parameters(paramLabel = "SHELL", completionCandidates = Shells.class, description = "bash, zsh or fish.")
    private String shell;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    /** In the class's own order. */
    static final class Shells extends Candidates {
        Shells() {
            super(List.of("bash", "zsh", "fish"));
        }
    }

    @Override
    public Integer call() {
        topLevel.refuse(spec);
        CommandLine program = spec.parent().commandLine();
        System.out.print(
                switch (shell) {
                    // it is for both: in zsh it loads bashcompinit
                    case "bash", "zsh" -> AutoComplete.bash(program.getCommandName(), program);
                    case "fish" -> FishCompletion.of(program.getCommandSpec());
                    default ->
                        throw new ParameterException(
                                spec.commandLine(), "SHELL: no completion for this shell; expected bash, zsh or fish");
                });
        return 0;
    }
}
