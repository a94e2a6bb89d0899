package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The web server can't take a guard down, listens on loopback only, is read-only, and shows no secret. */
@NeedsNamespaces
class WebServerIT {

    @Test
    void aTakenPortIsOneLogLineAndTheGuardsStayUp() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            BundleText bundle = bundle().daemon("egress", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).port(port).start()) {
                program.awaitUp("egress");
                program.awaitLine("sidecar-init: cannot serve HTTP on 127.0.0.1:" + port
                        + ": Address already in use; the guards stay up");
                int code = program.stop();

                // Then
                assertThat(code).isZero();
                assertThat(program.ownLines()).hasSize(5).endsWith("egress exited with code 143 (SIGTERM)", "exit 0");
                assertThat(program.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "QUARKUS_HTTP_HOST, 192.0.2.1, Cannot assign requested address",
        "QUARKUS_HTTP_IDLE_TIMEOUT, nonsense, .*idle-timeout.*"
    })
    void anyFailureOfTheWebServerToStartIsOneLogLineAndTheGuardsStayUp(String variable, String value, String cause)
            throws Exception {
        // Given
        ProgramBuilder builder =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).env(variable, value);

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            program.awaitLine(
                    line -> line.matches("sidecar-init: cannot serve HTTP on [^ ]+: " + cause + "; the guards stay up"),
                    "of the failure");
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).hasSize(5);
        }
    }

    @Test
    void withoutANetworkInterfaceItListensAndNothingIsLogged() throws Exception {
        // Given: in a new network namespace lo is down
        ProgramBuilder builder =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).setup("set -- unshare --net \"$@\"");

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            program.awaitThat(
                    "a server", () -> !program.proc().listeningAddresses().isEmpty());
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).hasSize(4);
            assertThat(program.errors()).isEmpty();
        }
    }

    @Test
    void whereThereIsNoIpv6TheCauseIsInWords() throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(bundle().daemon("egress", OBEDIENT))
                .env("QUARKUS_HTTP_HOST", "::")
                .setup("set -- unshare --net \"$@\"");

        // When
        try (Program program = builder.start()) {
            program.awaitLine("sidecar-init: cannot serve HTTP on [::]:" + program.http.port()
                    + ": IPv6 is not available; the guards stay up");

            // Then
            assertThat(program.stop()).isZero();
            assertThat(program.ownLines()).hasSize(5);
        }
    }

    @Test
    void itListensOnLoopbackOnly() throws Exception {
        // Given
        try (Program program =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).start()) {
            program.awaitThat("http", program.http::answers);

            // When
            List<String> listening = program.proc().listeningAddresses();

            // Then
            assertThat(listening).hasSize(1);
            assertThat(listening.getFirst()).isIn("0100007F", "0000000000000000FFFF00000100007F");
        }
    }

    @Test
    void nothingCanBeChangedOverHttp() throws Exception {
        // Given
        try (Program program =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).start()) {
            program.awaitThat("http", program.http::answers);

            // When
            List<Integer> codes = Stream.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
                    .map(method -> program.http.send(method, "/status").statusCode())
                    .toList();

            // Then
            assertThat(codes).allMatch(code -> code >= 400);
            assertThat(program.http.get("/q/nothing").statusCode()).isEqualTo(404);
            assertThat(program.http.get("/stop").statusCode()).isEqualTo(404);
            assertThat(program.http.daemon("egress", "state").toString()).isEqualTo("running");
            assertThat(program.ownLines()).containsExactly("starting egress");
        }
    }

    /** A page of a domain whose name leads to our address would be taken for ours by a browser. */
    @Test
    void noPathIsAnsweredForAHostThatIsNotOurs() throws Exception {
        // Given
        String machine = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        try (Program program =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).start()) {
            program.awaitThat("http", program.http::answers);

            // Then
            for (String path :
                    List.of("/", "/status", "/events", "/q/health", "/q/health/ready", "/q/metrics", "/nothing")) {
                assertThat(statusLine(program, path, "rebound.example:" + program.http.port()))
                        .isEqualTo("HTTP/1.1 421 Misdirected Request");
            }
            assertThat(statusLine(program, "http://rebound.example/status", "localhost"))
                    .isEqualTo("HTTP/1.1 421 Misdirected Request");
            for (String own : List.of("127.0.0.1:9180", "192.0.2.1", "[::1]:80", "localhost", machine)) {
                assertThat(statusLine(program, "/status", own)).isEqualTo("HTTP/1.1 200 OK");
            }
        }
    }

    private static String statusLine(Program program, String target, String host) throws IOException {
        try (RawClient client = new RawClient(program)) {
            return client.statusLine(target, host);
        }
    }

    @Test
    void noSecretIsInAnyResponseOrLogLine() throws Exception {
        // Given
        String secret = "hunter2-marker";
        BundleText bundle = bundle().command(
                        "egress",
                        List.of("/bin/sh", "-c", "echo up; exec sleep 1000", secret),
                        "environment: {TOKEN: " + secret + "}")
                .command("dead", List.of("/bin/false", secret))
                .command("missing", List.of("/no/such/program", secret), "environment: {TOKEN: " + secret + "}");
        Path file = bundle.file();

        // When
        try (Program program =
                ProgramBuilder.of(bundle).env("INHERITED", secret).start()) {
            program.awaitUp("egress");
            program.awaitThat("http", program.http::answers);
            List<String> answers = List.of("/status", "/q/health", "/q/health/ready", "/q/metrics", "/").stream()
                    .map(path -> program.http.get(path).body())
                    .toList();
            String table = program.http.get("/status", "Accept", "text/plain").body();
            program.stop();

            // Then
            assertThat(Files.readString(file)).contains(secret);
            assertThat(answers).noneMatch(answer -> answer.contains(secret));
            assertThat(table).doesNotContain(secret);
            assertThat(program.lines()).noneMatch(line -> line.contains(secret));
            assertThat(program.errors()).isEmpty();
        }
    }
}
