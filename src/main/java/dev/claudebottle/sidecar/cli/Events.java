package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.http.Ascii;
import dev.claudebottle.sidecar.os.OomVictim;
import dev.claudebottle.sidecar.os.Processes;
import dev.claudebottle.sidecar.os.SignalHandlers;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows the events of a running supervisor, as that renders them. */
@Command(
        name = "events",
        description = "Show what has happened, one line an event.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit code:%n",
        exitCodeList = {" 0:printed, or ended by Ctrl-C", " 2:wrong flags or variables", " 3:nobody answers"})
final class Events implements Callable<Integer> {

    private static final String STREAM = "text/event-stream";

    /** Of our servers' form: it becomes a header of the next request. */
    private static final Pattern ID = Pattern.compile("id: [0-9a-f-]+");

    private static final String DATA = "data: ";

    /** The server sends a comment every 15 s. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private static final Duration RETRY = Duration.ofSeconds(1);

    @Mixin
    private ServerUrl url;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what happens, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--json", description = "Print the CloudEvents, one a line.")
    private boolean json;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    /** The id of the event that was printed last; null before the first one. */
    private String last;

    @Override
    public Integer call() throws InterruptedException {
        OomVictim.becomeFirst();
        topLevel.refuse(spec);
        URI page = url.of("/events");
        if (follow) {
            SignalHandlers.restoreDefaults(() -> Processes.exit(0));
            return follow(page);
        }
        SignalHandlers.restoreDefaults();
        String type = json ? "application/x-ndjson" : "text/plain";
        try (Answer answer = get(page, Answer.TIMEOUT, type, type)) {
            for (String line = answer.line(); line != null && !System.out.checkError(); line = answer.line()) {
                System.out.println(Ascii.line(line));
            }
            return 0;
        } catch (IOException failure) {
            System.err.println(Answer.failure(page, failure));
            return Answer.NO_ANSWER;
        }
    }

    /** Returns only when nobody answers the first time, or when nobody reads it any more. */
    private int follow(URI page) throws InterruptedException {
        boolean answered = false;
        boolean said = false;
        while (true) {
            IOException failure;
            try (Answer answer = get(page, LONGEST_SILENCE, STREAM + (json ? ";data=ascii" : ";data=line"), STREAM)) {
                answered = true;
                said = false;
                print(answer);
                if (System.out.checkError()) {
                    return 0;
                }
                failure = new IOException("the connection was closed");
            } catch (SocketTimeoutException late) {
                failure = new IOException("no answer in time");
            } catch (IOException broken) {
                failure = broken;
            }
            String cannot = Answer.failure(page, failure);
            if (!answered) {
                System.err.println(cannot);
                return Answer.NO_ANSWER;
            }
            if (!said) {
                System.err.println(cannot + "; trying again");
                said = true;
            }
            Thread.sleep(RETRY);
        }
    }

    private Answer get(URI page, Duration silence, String accept, String type) throws IOException {
        Map<String, String> headers = new HashMap<>(Map.of("Accept", accept));
        if (last != null) {
            headers.put("Last-Event-ID", last);
        }
        Answer answer = Answer.get(page, silence, headers);
        if (!answer.contentType().startsWith(type)) {
            answer.close();
            throw new IOException("not the events of a bundle");
        }
        return answer;
    }

    private void print(Answer answer) throws IOException {
        for (String line = answer.line(); line != null && !System.out.checkError(); line = answer.line()) {
            if (ID.matcher(line).matches()) {
                last = line.substring("id: ".length());
            } else if (line.startsWith(DATA)) {
                System.out.println(Ascii.line(line.substring(DATA.length())));
            }
        }
    }
}
