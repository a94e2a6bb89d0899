package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands, their exit codes and their errors. */
@NeedsNamespaces
class CommandLineIT {

    @TempDir
    Path directory;

    /** The result of a command that ends by itself. */
    private record Result(int code, List<String> lines, List<String> errors) {

        static Result of(ProgramBuilder builder) throws Exception {
            try (Program program = builder.start()) {
                int code = program.exitCode();
                return new Result(code, program.lines(), program.errors());
            }
        }
    }

    private String file(String... lines) throws Exception {
        return Files.write(directory.resolve("bundle.yaml"), List.of(lines)).toString();
    }

    @Test
    void statusExitsWith0WhenReady() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("ready", () -> program.http.health("ready") == 200);
            Result table = Result.of(ProgramBuilder.of("status").port(program.http.port()));
            Result json =
                    Result.of(ProgramBuilder.of("status", "--json", "--url", "http://127.0.0.1:" + program.http.port())
                            .port(1));

            // Then
            assertThat(table.code()).isZero();
            assertThat(table.lines()).anyMatch(line -> line.contains("egress") && line.contains("running"));
            assertThat(table.errors()).isEmpty();
            assertThat(json.code()).isZero();
            assertThat(JsonPath.from(String.join("\n", json.lines())).getList("daemons.name"))
                    .containsExactly("egress", "pipelock");
        }
    }

    @Test
    void statusExitsWith1WhenNotReady() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "exit 4").daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("not ready", () -> program.http.health("ready") == 503);
            Result table = Result.of(ProgramBuilder.of("status").port(program.http.port()));

            // Then
            assertThat(table.code()).isEqualTo(1);
            assertThat(table.lines()).anyMatch(line -> line.contains("egress") && line.contains("exited"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalEndsAStatusThatWaits(String signal) throws Exception {
        // Given: a server that accepts and never answers
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program status = ProgramBuilder.of("status", "--url", "http://127.0.0.1:" + server.getLocalPort())
                        .init(false)
                        .start()) {
            server.accept();

            // When
            status.signal(signal);
            int code = status.exitCodeWithin(Duration.ofSeconds(1));

            // Then: it ended by the signal, and not after its timeout
            assertThat(code).isNotEqualTo(3).isGreaterThan(128);
        }
    }

    @Test
    void statusTriesEveryAddressOfANameAndShowsNoPassword() throws Exception {
        // Given: no bundle's answer
        try (Receiver server = Receiver.onIpv6(_ -> 418)) {
            String place = "localhost:" + server.port() + "/status";

            // When
            Result result = Result.of(ProgramBuilder.of("status", "--url", "http://me:hunter2@" + place));

            // Then
            assertThat(result.code()).isEqualTo(3);
            assertThat(result.errors()).containsExactly("cannot get http://***@" + place + ": the answer is 418");
            assertThat(server.requests())
                    .extracting(Receiver.Request::authorization)
                    .containsExactly("Basic " + Base64.getEncoder().encodeToString("me:hunter2".getBytes(UTF_8)));
        }
    }

    @Test
    void statusExitsWith3WhenThereIsNoAnswer() throws Exception {
        // When
        Result result = Result.of(ProgramBuilder.of("status"));

        // Then
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.lines()).isEmpty();
        assertThat(result.errors())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("cannot ")
                .contains("Connection refused");
    }

    @Test
    void checkPrintsTheEffectiveBundleWithoutTheValuesOfEnvironment() throws Exception {
        // Given
        String file = file(
                "daemons:", "  egress:", "    command: [sleep, 1000]", "    environment: {TOKEN: hunter2, OTHER: x}");

        // When
        Result result = Result.of(ProgramBuilder.of("check", "--config", file));

        // Then
        assertThat(result.code()).isZero();
        assertThat(result.errors()).isEmpty();
        assertThat(String.join("\n", result.lines()))
                .contains("egress:", "sleep", "TOKEN: '***'", "OTHER: '***'", "failure_policy: leave")
                .doesNotContain("hunter2");
    }

    @Test
    void checkPrintsNeitherTheUserNorTheQueryOfAUrl() throws Exception {
        // Given
        String file = file(
                "notify: {url: 'http://hunter2@127.0.0.1:1/events?token=hunter2'}",
                "daemons:",
                "  egress: {command: [sleep, 1], liveness: {http: 'http://a/?hunter2', proxy: 'http://b:hunter2@c:1'}}");

        // When
        Result result = Result.of(ProgramBuilder.of("check", "--config", file));

        // Then
        assertThat(result.code()).isZero();
        assertThat(String.join("\n", result.lines()))
                .contains("http://***@127.0.0.1:1/events?***", "http://a/?***", "http://***@c:1")
                .doesNotContain("hunter2");
    }

    @Test
    void checkWarnsOfWhatThisMachineLacks() throws Exception {
        // Given
        String file = file(
                "daemons:",
                "  egress:",
                "    command: [/no/such/guard]",
                "    user: no-such-user",
                "    working_dir: /no/such/directory",
                "    readiness: {exec: [no-such-probe]}",
                "  pipelock: {command: [sleep, 1000], liveness: {exec: [/etc/passwd]}}",
                "  git-gate: {command: [/no/such/either]}");

        // When
        Result result = Result.of(ProgramBuilder.of("check", "--config", file, "--daemons", "egress,pipelock"));

        // Then
        assertThat(result.code()).isZero();
        assertThat(result.lines()).contains("daemons:", "  egress:", "    command: [/no/such/guard]");
        assertThat(result.errors())
                .containsExactly(
                        "warning: daemons.egress.working_dir: /no/such/directory: No such file or directory; its start fails with code 126",
                        "warning: daemons.egress.user: user no-such-user: no such user; its start fails with code 126",
                        "warning: daemons.egress.command: /no/such/guard: No such file or directory; its start fails with code 127",
                        "warning: daemons.egress.readiness.exec: no-such-probe: No such file or directory; the probe fails",
                        "warning: daemons.pipelock.liveness.exec: /etc/passwd: Permission denied; the probe fails");
    }

    @Test
    void noErrorOfStatusRepeatsASecretOfItsUrl() throws Exception {
        // When
        Result unanswered =
                Result.of(ProgramBuilder.of("status", "--url", "http://me:hunter2@127.0.0.1:1/status?hunter2"));
        Result wrong = Result.of(ProgramBuilder.of("status", "--url", "http://me:hunter2@a b"));

        // Then
        assertThat(unanswered.code()).isEqualTo(3);
        assertThat(unanswered.errors())
                .singleElement()
                .asString()
                .startsWith("cannot get http://***@127.0.0.1:1/status?***: ");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.errors())
                .first()
                .isEqualTo("--url: not an http or https URL; expected http://HOST:PORT or HOST:PORT");
        assertThat(wrong.errors()).noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void whatCheckPrintsIsABundleFile() throws Exception {
        // Given
        Result first = Result.of(
                ProgramBuilder.of("check", "--config", file("daemons:", "  egress: {command: [sleep, 1000]}")));

        // When
        Result second = Result.of(
                ProgramBuilder.of("check", "--config", file(first.lines().toArray(String[]::new))));

        // Then
        assertThat(second).isEqualTo(first);
    }

    @Test
    void checkPrintsAllReceiversWithoutTheirSecrets() throws Exception {
        // Given
        String file =
                file("notify: {urls: ['http://me:hunter2@a/', 'http://b/']}", "daemons: {egress: {command: [sh]}}");

        // When
        Result result = Result.of(ProgramBuilder.of("check", "--config", file).env("K_SINK", "http://c/?key=hunter2"));

        // Then
        assertThat(result.code()).isZero();
        assertThat(result.lines())
                .containsSubsequence("notify:", "  urls: ['http://***@a/', 'http://b/', 'http://c/?***']")
                .noneMatch(line -> line.contains("hunter2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "check"})
    void anInvalidFileIsRefusedWithAllItsErrorsAndNothingIsStarted(String command) throws Exception {
        // Given
        String file = file(
                "failure_polcy: leave",
                "stop_grace_period: soon",
                "daemons:",
                "  egress:",
                "    command: [touch, " + directory.resolve("proof") + "]",
                "    stop_signal: TREM",
                "  Pipelock: {command: []}");

        // When
        Result result = Result.of(ProgramBuilder.of(command, "--config", file));

        // Then
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.lines()).isEmpty();
        assertThat(result.errors())
                .anyMatch(line -> line.startsWith(file + ":1: failure_polcy: "))
                .anyMatch(line -> line.startsWith(file + ":2: stop_grace_period: "))
                .anyMatch(line -> line.startsWith(file + ":6: daemons.egress.stop_signal: "))
                .anyMatch(line -> line.startsWith(file + ":7: daemons.Pipelock"))
                .noneMatch(line -> line.contains("\tat "));
        assertThat(directory.resolve("proof")).doesNotExist();
    }

    @Test
    void aMissingFileIsRefused() throws Exception {
        // When
        Result result = Result.of(ProgramBuilder.of("--config", "/no/such/bundle.yaml"));

        // Then
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.errors())
                .hasSize(1)
                .first()
                .asString()
                .contains("/no/such/bundle.yaml", "No such file or directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/dev/null", "/dev/zero", "/bin/true", "/etc/shadow-", "relative.yaml", "\u0001"})
    void aFileThatCantBeReadIsRefusedWithoutAStackTrace(String file) throws Exception {
        // When
        Result result = Result.of(ProgramBuilder.of("--config", file));

        // Then
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.lines()).isEmpty();
        assertThat(result.errors())
                .isNotEmpty()
                .noneMatch(line -> line.contains("\tat ") || line.contains("Exception"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--grace=soon", "--failure-policy=hope", "--log-format=xml", "--nonsense", "--grace", "walk"})
    void anInvalidFlagIsRefused(String flag) throws Exception {
        // When
        Result result =
                Result.of(ProgramBuilder.of(bundle().daemon("egress", "exit 0")).with(flag));

        // Then
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.lines()).isEmpty();
        assertThat(result.errors()).isNotEmpty().noneMatch(line -> line.contains("\tat "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CLAUDE_BOTTLE_SIDECAR_GRACE",
                "CLAUDE_BOTTLE_SIDECAR_FAILURE_POLICY",
                "CLAUDE_BOTTLE_SIDECAR_LOG_FORMAT",
                "QUARKUS_HTTP_PORT"
            })
    void anInvalidVariableIsRefused(String variable) throws Exception {
        // When
        Result result =
                Result.of(ProgramBuilder.of(bundle().daemon("egress", "exit 0")).env(variable, "nonsense"));

        // Then
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.lines()).isEmpty();
        assertThat(result.errors()).hasSize(1).first().asString().contains(variable, "nonsense");
    }

    @Test
    void versionAndHelpArePrintedOnStdout() throws Exception {
        // When
        Result version = Result.of(ProgramBuilder.of("--version"));
        Result help = Result.of(ProgramBuilder.of("--help"));

        // Then
        assertThat(version.code()).isZero();
        assertThat(version.lines()).hasSize(1).first().asString().matches("sidecar-init \\d.*");
        assertThat(help.code()).isZero();
        assertThat(String.join(" ", help.lines()))
                .contains(
                        "run",
                        "status",
                        "check",
                        "demo",
                        "--config",
                        "--daemons",
                        "--failure-policy",
                        "--grace",
                        "--log-format");
        assertThat(help.errors()).isEmpty();
    }

    @Test
    void theDemoRunsFourStandInsAndStops() throws Exception {
        // When
        try (Program program = ProgramBuilder.of("demo").start()) {
            program.awaitThat(
                    "four lines",
                    () -> List.of("egress", "pipelock", "git-gate", "supervise").stream()
                            .noneMatch(name -> program.linesOf(name).isEmpty()));
            program.awaitThat("http", program.http::answers);
            List<String> names = program.http.status().getList("daemons.name");
            int code = program.stop();

            // Then
            assertThat(names).containsExactly("egress", "pipelock", "git-gate", "supervise");
            assertThat(code).isZero();
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit 0");
        }
    }
}
