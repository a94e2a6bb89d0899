package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Printable;
import dev.claudebottle.sidecar.config.SocketPath;
import dev.claudebottle.sidecar.http.Ascii;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.OomVictim;
import dev.claudebottle.sidecar.os.SignalHandlers;
import dev.claudebottle.sidecar.os.SocketLines;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Asks a running supervisor to restart one daemon, and waits until it is ready again. */
@Command(
        name = "restart",
        description = {
            "Restart one daemon now, and wait until it is ready again.",
            "The supervisor's socket: variable " + SocketPath.VARIABLE + "; default: " + SocketPath.DEFAULT + "."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit code:%n",
        exitCodeList = {
            " 0:ready again",
            " 1:not restarted, or not ready",
            " 2:no such daemon, or wrong use",
            " 3:nobody answers"
        })
final class Restart implements Callable<Integer> {

    private static final int FAILED = 1;

    @Parameters(paramLabel = "NAME", description = "The daemon.")
    private String daemon;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        OomVictim.becomeFirst();
        SignalHandlers.restoreDefaults();
        topLevel.refuse(spec);
        if (!daemon.matches("[a-z0-9][a-z0-9-]{0,200}")) {
            throw new CommandLine.ParameterException(spec.commandLine(), "NAME: not the name of a daemon");
        }
        String path = SocketPath.read(Environment.ours().asMap()).path();
        try (SocketLines lines = SocketLines.connect(path)) {
            lines.send("restart " + daemon);
            Optional<String> first = lines.next(Answer.TIMEOUT);
            if (first.isEmpty()) {
                return fail(Answer.NO_ANSWER, "no answer within " + Answer.TIMEOUT.toSeconds() + " s on " + path);
            }
            boolean accepted = first.get().equals("accepted");
            return accepted ? last(lines) : report(first.get());
        } catch (IOException failure) {
            return fail(Answer.NO_ANSWER, path + ": " + failure.getMessage());
        }
    }

    /** Sidecar Init knows how long the restart may take. */
    private int last(SocketLines lines) {
        System.out.println("restarting " + daemon);
        try {
            return report(lines.next());
        } catch (IOException failure) {
            return fail(FAILED, "Sidecar Init has ended");
        }
    }

    /** @param answer an exit code and a text, from what may be any server */
    private int report(String answer) {
        if (!answer.matches("[0-2] .*")) {
            return fail(Answer.NO_ANSWER, "not the answer of Sidecar Init");
        }
        int code = answer.charAt(0) - '0';
        String text = Ascii.line(answer.substring(2));
        if (code != 0) {
            return fail(code, text);
        }
        System.out.println(text);
        return code;
    }

    private int fail(int code, String cause) {
        System.err.println("cannot restart " + Printable.printable(daemon + ": " + cause));
        return code;
    }
}
