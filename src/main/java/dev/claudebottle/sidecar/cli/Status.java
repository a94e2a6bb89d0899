package dev.claudebottle.sidecar.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.DisplayUrl;
import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.http.StatusReport;
import dev.claudebottle.sidecar.http.StatusTable;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.OomVictim;
import dev.claudebottle.sidecar.os.SignalHandlers;
import dev.claudebottle.sidecar.probes.Addresses;
import dev.claudebottle.sidecar.probes.SingleRequest;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows the status of a running supervisor. */
@Command(
        name = "status",
        description = "Show what runs: exit code 0 when ready, 1 when not, 3 when nobody answers.",
        mixinStandardHelpOptions = true)
final class Status implements Callable<Integer> {

    private static final int NOT_READY = 1;
    private static final int NO_ANSWER = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** More bytes than the status of a thousand daemons has. */
    private static final int MAX_ANSWER = 4 * 1024 * 1024;

    /** A server that listens on any address is reached on loopback. */
    private static final String ANY_IPV4 = "0.0.0.0";

    private static final String ANY_IPV6 = "::";

    @Option(names = "--url", paramLabel = "U", description = "Where it serves; by default what QUARKUS_HTTP_* say.")
    private String url;

    @Option(names = "--json", description = "Print the JSON of /status.")
    private boolean json;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        OomVictim.becomeFirst();
        SignalHandlers.restoreDefaults();
        topLevel.refuse(spec);
        URI uri = uri();
        try {
            String answer = get(uri);
            StatusReport report = StatusReport.parse(answer);
            System.out.print(json ? printable(answer) : StatusTable.render(report));
            return report.ready() ? 0 : NOT_READY;
        } catch (IOException | IllegalArgumentException failure) {
            System.err.println("cannot get " + DisplayUrl.of(uri) + ": " + cause(failure));
            return NO_ANSWER;
        }
    }

    /** By {@link HttpURLConnection}: HttpClient would take 12 MB more of the bundle's memory. */
    private static String get(URI uri) throws IOException {
        HttpURLConnection connection = SingleRequest.connect(
                uri, Addresses.of(uri.getHost(), TIMEOUT), each -> each.setReadTimeout((int) TIMEOUT.toMillis()));
        int code = connection.getResponseCode();
        if (code == SingleRequest.NO_HTTP) {
            throw new IOException("not an HTTP answer");
        }
        if (code != HttpURLConnection.HTTP_OK) {
            throw new IOException("the answer is " + code);
        }
        byte[] body = connection.getInputStream().readNBytes(MAX_ANSWER);
        if (body.length == MAX_ANSWER) {
            throw new IOException("the answer is too long");
        }
        return new String(body, UTF_8);
    }

    private URI uri() {
        if (url == null) {
            HttpAddress bound = HttpAddress.read(Environment.ours().asMap());
            String host =
                    bound.host().equals(ANY_IPV4) ? "127.0.0.1" : bound.host().equals(ANY_IPV6) ? "::1" : bound.host();
            return URI.create("http://" + new HttpAddress(host, bound.port()) + "/status");
        }
        try {
            URI given = URI.create(url);
            if (given.getHost() == null
                    || given.getScheme() == null
                    || !given.getScheme().matches("https?")
                    || given.getPort() > 65_535) {
                throw new IllegalArgumentException();
            }
            return given.getPath().isEmpty() || given.getPath().equals("/") ? given.resolve("/status") : given;
        } catch (IllegalArgumentException _) {
            // without the message of URI, which repeats the URL
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--url: not an http or https URL; expected http://HOST:PORT");
        }
    }

    /** The answer may come from any server, which must not drive the operator's terminal; to JSON an escape is the same. */
    private static String printable(String answer) {
        StringBuilder text = new StringBuilder(answer.length());
        answer.chars()
                .forEach(c -> text.append(
                        c == '\n' || c == '\t' || c >= ' ' && c < 0x7f
                                ? Character.toString(c)
                                : "\\u%04x".formatted(c)));
        return text.toString();
    }

    private static String cause(Exception failure) {
        return switch (failure) {
            case UnknownHostException _ -> "Unknown host";
            case SocketTimeoutException _ -> "no answer within " + TIMEOUT.toSeconds() + " s";
            default -> failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        };
    }
}
