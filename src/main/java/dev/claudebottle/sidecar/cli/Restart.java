package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.SocketPath;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.OomVictim;
import dev.claudebottle.sidecar.os.SignalHandlers;
import dev.claudebottle.sidecar.os.SocketLines;
import java.io.IOException;
import java.time.Duration;
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
        description =
                "Restart one daemon now, and wait: exit code 0 when it is ready again, 1 when not, 3 when nobody answers.",
        mixinStandardHelpOptions = true)
final class Restart implements Callable<Integer> {

    private static final int FAILED = 1;
    private static final int NO_ANSWER = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

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
            Optional<String> first = lines.next(TIMEOUT);
            if (first.isEmpty()) {
                return fail(NO_ANSWER, "no answer within " + TIMEOUT.toSeconds() + " s on " + path);
            }
            boolean accepted = first.get().equals("accepted");
            return accepted ? last(lines) : report(first.get());
        } catch (IOException failure) {
            return fail(NO_ANSWER, path + ": " + failure.getMessage());
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
            return fail(NO_ANSWER, "not the answer of Sidecar Init");
        }
        int code = answer.charAt(0) - '0';
        String text = printable(answer.substring(2));
        if (code != 0) {
            return fail(code, text);
        }
        System.out.println(text);
        return code;
    }

    private int fail(int code, String cause) {
        System.err.println("cannot restart " + daemon + ": " + cause);
        return code;
    }

    /** It must not drive the operator's terminal. */
    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.chars().forEach(c -> printable.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
        return printable.toString();
    }
}
