package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.http.Ascii;
import dev.claudebottle.sidecar.http.StatusReport;
import dev.claudebottle.sidecar.os.OomVictim;
import dev.claudebottle.sidecar.os.Processes;
import dev.claudebottle.sidecar.os.SignalHandlers;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows the status of a running supervisor, as that renders it. */
@Command(
        name = "status",
        description = "Show what runs.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit code:%n",
        exitCodeList = {" 0:ready", " 1:not ready", " 2:wrong flags or variables", " 3:nobody answers"})
final class Status implements Callable<Integer> {

    private static final int NOT_READY = 1;

    private static final Duration PERIOD = Duration.ofSeconds(2);

    /** How the table begins. */
    private static final Pattern TABLE = Pattern.compile("(?s)bundle [a-z]+, (not )?ready, since .*");

    @Mixin
    private ServerUrl url;

    @Option(names = "--json", description = "Print the JSON of /status.")
    private boolean json;

    @Option(
            names = {"-w", "--watch"},
            description = "Show it again every 2 s until Ctrl-C, in place on a terminal.")
    private boolean watch;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    /** What is printed. */
    private record Shown(String text, boolean ready) {}

    @Override
    public Integer call() throws InterruptedException {
        OomVictim.becomeFirst();
        topLevel.refuse(spec);
        URI page = url.of("/status");
        if (watch) {
            SignalHandlers.restoreDefaults(() -> Processes.exit(0));
            return watch(page);
        }
        SignalHandlers.restoreDefaults();
        try {
            Shown shown = get(page);
            System.out.print(shown.text());
            return shown.ready() ? 0 : NOT_READY;
        } catch (IOException | IllegalArgumentException failure) {
            System.err.println(Answer.failure(page, failure));
            return Answer.NO_ANSWER;
        }
    }

    /** Returns only when nobody reads it any more. An absence of the supervisor is a state like any other. */
    private int watch(URI page) throws InterruptedException {
        boolean inPlace = !json && Screen.isPossible();
        System.out.print(inPlace ? Screen.CLEAR : "");
        String absence = "";
        while (!System.out.checkError()) {
            try {
                String text = get(page).text();
                System.out.print(inPlace ? Screen.redraw(text) : json ? text : text + "\n");
                absence = "";
            } catch (IOException | IllegalArgumentException failure) {
                String cannot = Answer.failure(page, failure) + "; trying again";
                if (inPlace) {
                    System.out.print(Screen.redraw(cannot + "\n"));
                } else if (!cannot.equals(absence)) {
                    System.err.println(cannot);
                }
                absence = cannot;
            }
            System.out.flush();
            Thread.sleep(PERIOD);
        }
        return 0;
    }

    private Shown get(URI page) throws IOException {
        String type = json ? "application/json" : "text/plain";
        try (Answer answer = Answer.get(page, Answer.TIMEOUT, Map.of("Accept", type))) {
            String text = answer.text();
            if (json) {
                return new Shown(Ascii.lines(text), StatusReport.parse(text).ready());
            }
            Matcher table = TABLE.matcher(text);
            if (!table.matches()) {
                throw new IllegalArgumentException("not the status of a bundle");
            }
            boolean ready = table.group(1) == null;
            return new Shown(Ascii.lines(text), ready);
        }
    }
}
