package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.http.StatusReport;
import dev.claudebottle.sidecar.http.StatusTable;
import dev.claudebottle.sidecar.os.Environment;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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

    /** A server that listens on any address is reached on loopback. */
    private static final String ANY_IPV4 = "0.0.0.0";

    private static final String ANY_IPV6 = "::";

    @Option(names = "--url", paramLabel = "U", description = "Where it serves; by default what QUARKUS_HTTP_* say.")
    private String url;

    @Option(names = "--json", description = "Print the answer of /status as it is.")
    private boolean json;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        topLevel.refuse(spec);
        URI uri = uri();
        try {
            String answer = get(uri);
            StatusReport report = StatusReport.parse(answer);
            System.out.print(json ? answer : StatusTable.render(report));
            return report.ready() ? 0 : NOT_READY;
        } catch (IOException | IllegalArgumentException failure) {
            System.err.println("cannot get " + uri + ": " + cause(failure));
            return NO_ANSWER;
        }
    }

    private static String get(URI uri) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .build()) {
            HttpRequest request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IOException("the answer is " + response.statusCode());
            }
            return response.body();
        }
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
                    || !given.getScheme().matches("https?")) {
                throw new IllegalArgumentException("expected http://HOST:PORT");
            }
            return given.getPath().isEmpty() || given.getPath().equals("/") ? given.resolve("/status") : given;
        } catch (IllegalArgumentException wrong) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--url: " + wrong.getMessage());
        }
    }

    private static String cause(Exception failure) {
        if (failure instanceof ConnectException && failure.getMessage() == null) {
            return "Connection refused";
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
