package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The image's command {@code sidecar-init}: for {@code status} and {@code events} it is as the program's own, but without a JVM. */
@NeedsNamespaces
class ImageCommandIT {

    /** In place of times that pass. */
    private static final String TIMES =
            "since [^;]*;|\\(\\d+ [smhd]( \\d+ [smh])?\\)|\"uptimeSeconds\":[^,]*,|\"seconds\":[^}]*|\\(\\d+\\.\\d+ s, open\\)";

    @TempDir
    private static Path directory;

    /** With the JVM, and without one. */
    private static String command;

    private static String withoutJvm;

    private record Result(int code, String output, List<String> errors) {

        static Result of(ProgramBuilder builder) throws Exception {
            try (Program program = builder.into(new ByteArrayOutputStream()).start()) {
                int code = program.exitCode();
                // a time of one more digit makes its column wider
                String output = new String(program.output(), UTF_8)
                        .replaceAll(TIMES, "TIME")
                        .replaceAll(" +", " ");
                return new Result(code, output, program.errors());
            }
        }
    }

    @BeforeAll
    static void install() throws Exception {
        Path top = Path.of(Program.LAUNCHER).toAbsolutePath().getParent();
        Path bin = Files.createDirectories(directory.resolve("runtime/bin"));
        String java = "#!/bin/sh\nwhile [ \"$1\" != dev.claudebottle.sidecar.Main ]; do shift; done\nshift\nexec '"
                + top + "/sidecar-init' \"$@\"\n";
        executable(bin.resolve("java"), java);
        String script = Files.readString(top.resolve("src/main/docker/sidecar-init"));
        command = executable(directory.resolve("command"), script.replace("/app/sidecar-init", directory.toString()));
        withoutJvm =
                executable(directory.resolve("without-jvm"), script.replace("/app/sidecar-init", "/no/such/directory"));
    }

    private static String executable(Path file, String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file.toString();
    }

    private static ProgramBuilder status(int port, String... flags) {
        return ProgramBuilder.of("status").with(flags).port(port);
    }

    private static ProgramBuilder events(int port, String... flags) {
        return ProgramBuilder.of("events").with(flags).port(port);
    }

    /** As Ctrl-C does: every process of the command gets it. */
    private static void interrupt(Program command) {
        LinuxProcess process = command.proc();
        String pids = Stream.concat(Stream.of(process), process.descendants().stream())
                .map(each -> Long.toString(each.pid()))
                .collect(Collectors.joining(" "));
        // one that the end of another ends first is no failure
        LinuxProcess.shell("kill -INT " + pids + " 2>/dev/null");
    }

    private static Stream<String> launchers() {
        return Stream.of(Program.LAUNCHER, withoutJvm);
    }

    private static void isAsTheProgramsOwn(ProgramBuilder builder, String launcher, int code) throws Exception {
        Result own = Result.of(builder);
        assertThat(own.code()).as(own.toString()).isEqualTo(code);
        assertThat(Result.of(builder.launcher(launcher))).isEqualTo(own);
    }

    @ParameterizedTest
    @CsvSource({"0, exec sleep 1000", "1, exit 4"})
    void outputAndExitCodeAreTheSameReadyOrNotAndNoJvmRuns(int code, String rest) throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "echo up; " + rest).daemon("pipelock", OBEDIENT);
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitThat("health", () -> program.http.health("ready") == (code == 0 ? 200 : 503));
            int port = program.http.port();
            String url = "http://127.0.0.1:" + port;

            // When / Then
            isAsTheProgramsOwn(status(port), withoutJvm, code);
            isAsTheProgramsOwn(status(port, "--json"), withoutJvm, code);
            isAsTheProgramsOwn(status(1, "--url", url), withoutJvm, code);
            isAsTheProgramsOwn(status(1, "--url=" + url + "/status", "--json"), withoutJvm, code);
            isAsTheProgramsOwn(status(1, "--url", "127.0.0.1:" + port), withoutJvm, code);
            isAsTheProgramsOwn(status(1, "--url=localhost:" + port + "/", "--json"), withoutJvm, code);
            isAsTheProgramsOwn(events(port), withoutJvm, 0);
            isAsTheProgramsOwn(events(port, "--json"), withoutJvm, 0);
            isAsTheProgramsOwn(events(1, "--url=127.0.0.1:" + port), withoutJvm, 0);
            isAsTheProgramsOwn(status(1, "--json", "--url", url + "/"), withoutJvm, code);
            isAsTheProgramsOwn(status(port).env("QUARKUS_HTTP_HOST", "0.0.0.0"), withoutJvm, code);
            isAsTheProgramsOwn(status(port).env("http_proxy", "http://127.0.0.1:1"), withoutJvm, code);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.0.0.2", "0.0.0.0", "::", "::1", "localhost"})
    void theErrorIsTheSameWhenNobodyAnswers(String host) throws Exception {
        isAsTheProgramsOwn(status(ProgramBuilder.freePort()).env("QUARKUS_HTTP_HOST", host), withoutJvm, 3);
    }

    @Test
    void theErrorOfEventsIsTheSameWhenNobodyAnswers() throws Exception {
        isAsTheProgramsOwn(events(ProgramBuilder.freePort()), withoutJvm, 3);
        isAsTheProgramsOwn(events(ProgramBuilder.freePort(), "-f"), withoutJvm, 3);
    }

    @ParameterizedTest
    @MethodSource("launchers")
    void eventsGoOnUntilCtrlCWhichIsNoFailure(String launcher) throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            try (Program events = events(program.http.port(), "-f")
                    .launcher(launcher)
                    .init(false)
                    .start()) {
                events.awaitLine(line -> line.endsWith("Z bundle is ready"), "of the kept events");

                // When
                program.kill("egress");

                // Then
                events.awaitLine(
                        line -> line.endsWith("Z egress exited with code 137 (SIGKILL); last words: up"),
                        "of the death");
                interrupt(events);
                assertThat(events.exitCode()).isZero();
                assertThat(events.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("launchers")
    void eventsResumeAfterTheLastOneWhenTheConnectionBreaksAndDontDriveTheTerminal(String launcher) throws Exception {
        // Given: each connection ends after one event
        List<String> lastIds = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/events", exchange -> {
            String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
            lastIds.add(last == null ? "" : last);
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            try (var out = exchange.getResponseBody()) {
                out.write(
                        (":\n\nid: ab-" + lastIds.size() + "\ndata: number " + lastIds.size() + " \u001b[2J\u009b\n\n")
                                .getBytes(UTF_8));
            }
        });
        server.start();
        try (Program events = events(server.getAddress().getPort(), "-f")
                .launcher(launcher)
                .init(false)
                .start()) {
            // When
            events.awaitLine(line -> line.startsWith("number 3 "), "of the third connection");

            // Then
            assertThat(lastIds).startsWith("", "ab-1", "ab-2");
            assertThat(String.join("", events.lines())).matches("[ -~]+");
            assertThat(events.errors())
                    .isNotEmpty()
                    .allMatch(("cannot get http://127.0.0.1:"
                            + server.getAddress().getPort()
                            + "/events: the connection was closed; trying again")::equals);
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @MethodSource("launchers")
    void aWatchOutlivesTheSupervisorsAbsenceUntilCtrlC(String launcher) throws Exception {
        // Given
        int port = ProgramBuilder.freePort();
        try (Program watch =
                status(port, "--watch").launcher(launcher).init(false).start()) {
            String cannot = "cannot get http://127.0.0.1:" + port + "/status: Connection refused; trying again";
            watch.awaitThat("error", () -> watch.errors().equals(List.of(cannot)));

            // When
            try (Program program = ProgramBuilder.of(bundle().daemon("egress", OBEDIENT))
                    .port(port)
                    .start()) {
                program.awaitHttp();
                watch.awaitThat(
                        "two tables",
                        () -> watch.lines().stream()
                                        .filter(line -> line.startsWith("bundle running, ready, since "))
                                        .count()
                                >= 2);
            }

            // Then
            watch.awaitThat("a second absence", () -> watch.errors().size() >= 2);
            interrupt(watch);
            assertThat(watch.exitCode()).isZero();
            assertThat(String.join("", watch.lines())).matches("[ -~]+");
        }
    }

    @ParameterizedTest
    @MethodSource("launchers")
    void onATerminalAWatchIsDrawnInPlace(String launcher) throws Exception {
        try (Program watch = watchOnATerminal(launcher, "xterm")) {
            // Each drawing begins at the top
            watch.awaitThat(
                    "two drawings",
                    () -> String.join("\n", watch.lines()).split("\u001b\\[Hcannot get ", -1).length > 2);
        }
    }

    @ParameterizedTest
    @MethodSource("launchers")
    void onATerminalWithoutSequencesAWatchPrints(String launcher) throws Exception {
        try (Program watch = watchOnATerminal(launcher, "dumb")) {
            watch.awaitLine(line -> line.startsWith("cannot get "), "the absence, without a sequence before it");
        }
    }

    /** By script(1). */
    private static Program watchOnATerminal(String launcher, String terminal) throws Exception {
        String command = "'" + launcher + "' status --watch --url 127.0.0.1:" + ProgramBuilder.freePort();
        return ProgramBuilder.of("-qec", command, "/dev/null")
                .launcher("/usr/bin/script")
                .env("TERM", terminal)
                .start();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | not found",
                "421 | misdirected",
                "302 | moved",
                "200 | hello",
                "200 | {}",
                "200 | {\"state\":\"running\",\"ready\":true,\"daemons\":[]}",
                "200 | bundle of joy\u001b[31m\u009b31m"
            })
    void theErrorIsTheSameWhenTheServerIsAnother(int answer, String body) throws Exception {
        // Given
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Location", "/status");
            exchange.sendResponseHeaders(answer, 0);
            try (var out = exchange.getResponseBody()) {
                out.write(body.getBytes(UTF_8));
            }
        });
        server.start();
        try {
            int port = server.getAddress().getPort();

            // When / Then
            isAsTheProgramsOwn(status(port), withoutJvm, 3);
            isAsTheProgramsOwn(status(port, "--json"), withoutJvm, 3);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aServerCannotDriveTheTerminal() throws Exception {
        // Given
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var out = exchange.getResponseBody()) {
                boolean text = "text/plain".equals(exchange.getRequestHeaders().getFirst("Accept"));
                String status = text
                        ? "bundle running, ready, since \u009bnow\u001b[31m\r\n"
                        : "{\"state\":\"\u009b31m\",\"ready\":true,\"failurePolicy\":\"leave\",\"pid\":1,\"startedAt\":\"x\","
                                + "\"uptimeSeconds\":1,\"orphansReaped\":0,\"adopted\":0,\"daemons\":[]}";
                out.write(status.getBytes(UTF_8));
            }
        });
        server.start();
        try {
            for (String launcher : List.of(Program.LAUNCHER, withoutJvm)) {
                for (String[] flags : new String[][] {{}, {"--json"}}) {
                    // When
                    Result result = Result.of(
                            status(server.getAddress().getPort(), flags).launcher(launcher));

                    // Then
                    assertThat(result.code()).as(result.toString()).isZero();
                    assertThat(result.output() + result.errors()).matches("[\\n\\t -~]*");
                }
            }
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status --nonsense",
                "status --json --json",
                "status -f",
                "status --watch --watch",
                "status --url 127.0.0.1",
                "status --url a:9x",
                "status --url 127.0.0.1:99999",
                "status --url ::1:9180",
                "events --watch",
                "events status",
                "events --jsno",
                "help events",
                "status --url",
                "status --url ftp://x",
                "status --url http://a:b",
                "status --url http://127.0.0.1:99999",
                "--grace 1s status",
                "status --help",
                "--version",
                "check --failure-policy hope"
            })
    void everyOtherCommandAndMistakeIsThePrograms(String arguments) throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(arguments.split(" "));
        Result own = Result.of(builder);

        // Then
        assertThat(own.code()).isIn(0, 2);
        assertThat(Result.of(builder.launcher(command))).isEqualTo(own);
    }

    @ParameterizedTest
    @CsvSource({"QUARKUS_HTTP_PORT, 0", "QUARKUS_HTTP_PORT, 080", "QUARKUS_HTTP_PORT, 65536", "QUARKUS_HTTP_HOST, a b"})
    void aWrongAddressInTheEnvironmentIsTheSameMistake(String variable, String value) throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of("status").env(variable, value);
        Result own = Result.of(builder);

        // Then
        assertThat(own.code()).isIn(2, 3);
        assertThat(Result.of(builder.launcher(command))).isEqualTo(own);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void statusIsTheKernelsFirstVictim(boolean jvm) throws Exception {
        // Given: a server that doesn't answer
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program program = status(server.getLocalPort())
                        .launcher(jvm ? Program.LAUNCHER : withoutJvm)
                        .start()) {
            // When
            try (Socket client = server.accept()) {
                List<LinuxProcess> all = Stream.concat(Stream.of(program.proc()), program.proc().descendants().stream())
                        .toList();

                // Then
                assertThat(all)
                        .hasSize(jvm ? 1 : 3)
                        .allMatch(
                                process -> process.read("oom_score_adj").strip().equals("1000"));
                assertThat(client.isConnected()).isTrue();
            }
            assertThat(program.exitCode()).isEqualTo(3);
        }
    }

    @Test
    void checkIsTheKernelsFirstVictim() throws Exception {
        // Given: more output than a pipe holds
        BundleText bundle = bundle();
        for (int i = 0; i < 500; i++) {
            bundle.daemon("d" + i, OBEDIENT);
        }

        // When
        try (Program program = ProgramBuilder.of(bundle).with("check").unread().start()) {
            program.awaitThat(
                    "the adjustment",
                    () -> program.proc().read("oom_score_adj").strip().equals("1000"));
            program.readStdout();

            // Then
            assertThat(program.exitCode()).isZero();
        }
    }
}
