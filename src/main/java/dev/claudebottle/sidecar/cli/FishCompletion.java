package dev.claudebottle.sidecar.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What makes fish complete our commands and flags: picocli has this for bash and zsh only. */
final class FishCompletion {

    private final StringBuilder script = new StringBuilder();
    private final String program;

    private FishCompletion(String program) {
        this.program = program;
    }

    static String of(CommandSpec program) {
        FishCompletion completion = new FishCompletion(program.name());
        // no file names but where a flag takes one
        completion.script.append("complete -c ").append(program.name()).append(" -f\n");
        completion.add(program, "__fish_use_subcommand");
        for (CommandLine command : program.subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            completion.line("__fish_use_subcommand", "-a " + spec.name(), spec);
            completion.add(spec, "__fish_seen_subcommand_from " + spec.name());
        }
        return completion.script.toString();
    }

    private void add(CommandSpec command, String condition) {
        for (OptionSpec option : command.options()) {
            StringBuilder names = new StringBuilder();
            for (String name : option.names()) {
                names.append(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1))
                        .append(' ');
            }
            String value = option.arity().max() == 0 ? "" : option.paramLabel().equals("FILE") ? "-r -F" : "-x";
            line(condition, names + value + values(option), option.description());
        }
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            if (parameter.completionCandidates() != null) {
                line(condition, values(parameter).strip(), parameter.description());
            }
        }
    }

    private static String values(ArgSpec argument) {
        return argument.completionCandidates() == null
                ? ""
                : " -a " + quoted(String.join(" ", argument.completionCandidates()));
    }

    private void line(String condition, String what, CommandSpec command) {
        line(condition, what, command.usageMessage().description());
    }

    /** The first sentence of a description is all that a list has room for. */
    private void line(String condition, String what, String[] description) {
        String text = description.length == 0 ? "" : description[0].replaceFirst("[.:;] .*|\\.$", "");
        script.append(
                "complete -c %s -n %s %s -d %s\n".formatted(program, quoted(condition), what.strip(), quoted(text)));
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
