package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.os.Environment;
import java.net.URI;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a running supervisor's web server is. */
final class ServerUrl {

    private static final String NAME = "--url";

    /** {@code localhost:9180}, {@code [::1]:9180}. */
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+):[0-9]{1,5}(/.*)?");

    @Option(
            names = NAME,
            paramLabel = "U",
            description = "Where it serves: http://HOST:PORT or HOST:PORT; by default what QUARKUS_HTTP_HOST and"
                    + " QUARKUS_HTTP_PORT say.")
    private String url;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** The URL of a page; one that the user names by itself wins. */
    URI of(String page) {
        if (url == null) {
            return URI.create(HttpAddress.read(Environment.ours().asMap()).url() + page);
        }
        try {
            URI given = URI.create(HOST_AND_PORT.matcher(url).matches() ? "http://" + url : url);
            if (given.getHost() == null
                    || given.getScheme() == null
                    || !given.getScheme().matches("https?")
                    || given.getPort() > HttpAddress.HIGHEST_PORT) {
                throw new IllegalArgumentException();
            }
            return given.getPath().isEmpty() || given.getPath().equals("/") ? given.resolve(page) : given;
        } catch (IllegalArgumentException _) {
            // without the message of URI, which repeats the URL
            throw new ParameterException(
                    command.commandLine(), NAME + ": not an http or https URL; expected http://HOST:PORT or HOST:PORT");
        }
    }
}
