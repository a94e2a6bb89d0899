package dev.claudebottle.sidecar.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of examples/ runs as its first lines and examples/README.md say. A new one is found by itself. */
@NeedsNamespaces
class ExamplesIT {

    private static final Path TOP = Path.of(Program.LAUNCHER).toAbsolutePath().getParent();
    private static final Path EXAMPLES = TOP.resolve("examples");
    private static final String RESTART = "restart.yaml";
    private static final List<Integer> PORTS_OF_WEB = List.of(28080, 28081, 28082);
    private static final String SECRET_OF_OURS = "not for a daemon";

    /** The files' names. */
    static List<String> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsValidAndNamesItsSchema(String example) throws Exception {
        // Given
        assumePrograms(example);

        // When
        try (Program program =
                runnable("check", "--config", "examples/" + example).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(program.errors()).isEmpty();
            assertThat(Files.readAllLines(EXAMPLES.resolve(example)))
                    .startsWith("# yaml-language-server: $schema=../docs/bundle.schema.json");
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theReadmeNamesEveryExample(String example) throws Exception {
        assertThat(Files.readString(EXAMPLES.resolve("README.md")))
                .contains("\n| [" + example + "](" + example + ") | ");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleKeepsItsPromiseAndStops(String example) throws Exception {
        // Given
        assumePrograms(example);

        // When
        try (Program program = run(example)) {
            int code = 0;
            switch (example) {
                case RESTART -> {
                    restartsAllButTheMistaken(program);
                    code = 1;
                }
                case "order.yaml" -> startsInOrder(program);
                case "stop.yaml" -> forwardsHup(program);
                case "logs.yaml" -> writesJson(program);
                case "web.yaml" -> countsVisits(program);
                case "web-users.yaml" -> {
                    countsVisits(program);
                    hasUsers(program);
                }
                default -> awaitReady(program);
            }

            // Then
            assertThat(program.stop()).isEqualTo(code);
            switch (example) {
                case "order.yaml" -> assertExits(program, "web", "api", "database");
                case "stop.yaml" -> assertStops(program);
                case "web.yaml", "web-users.yaml" -> assertExits(program, "nginx", "worker", "redis");
                default -> assertThat(program.ownLines()).noneMatch(line -> line.contains("SIGKILL on"));
            }
        }
    }

    @Test
    void ofTheOptionalAndTheEssentialDaemonOnlyTheLattersDeathEndsTheBundle() throws Exception {
        try (Program program = run(RESTART)) {
            // When
            program.awaitHttp();
            program.kill("optional");

            // Then
            program.awaitState("optional", "exited");
            assertThat(program.http.daemon("forgetful")).containsEntry("state", "running");

            // When
            program.kill("essential");

            // Then
            assertThat(program.exitCode()).isEqualTo(137);
            assertThat(program.ownLines())
                    .contains("essential exited with code 137 (SIGKILL); shutting down the bundle");
        }
    }

    private static void restartsAllButTheMistaken(Program program) {
        program.awaitHttp();
        program.awaitState("mistaken", "exited");
        assertThat(program.http.daemon("mistaken")).containsEntry("starts", 5).containsEntry("crashLooping", true);
        program.kill("forgetful");
        // it also dies by itself, so its starts can't be counted
        program.awaitThat("a restart after the kill", () -> {
            JsonPath status = program.http.status().setRootPath("daemons.find { it.name == 'forgetful' }");
            return status.getString("state").equals("running")
                    && Integer.valueOf(137).equals(status.get("lastExit.code"));
        });
    }

    private static void startsInOrder(Program program) {
        awaitReady(program);
        assertThat(program.ownLines())
                .containsSubsequence("starting database", "database is ready", "starting api", "starting web")
                .containsSubsequence("starting cache", "starting web");
    }

    private static void forwardsHup(Program program) {
        awaitReady(program);
        program.awaitUp("tidy", "particular", "deaf");
        program.signal("HUP");
        program.awaitLine("[tidy] reading the configuration");
    }

    private static void assertStops(Program program) {
        assertThat(program.lines())
                .contains("[tidy] saving", "[particular] finishing")
                .containsSubsequence(
                        "sidecar-init: tidy exited with code 0", "sidecar-init: grace (2s) elapsed; SIGKILL on deaf")
                .containsSubsequence("sidecar-init: particular exited with code 0", "sidecar-init: exit 0");
    }

    private static void writesJson(Program program) {
        awaitReady(program);
        awaitMessages(program, "colourful", "ok");
        awaitMessages(program, "hostile", "forged\\\\x0dsidecar-init: all is well\\\\x1b[2J");
        awaitMessages(program, "filing", "written to a file");
        awaitMessages(program, "talkative", "x".repeat(1024), "x".repeat(1024), "x".repeat(2500 - 2048));
        assertThat(program.lines()).allMatch(line -> line.startsWith("{\"time\":\"") && line.endsWith("}"));
    }

    /** Waits until the daemon has written just these messages, as JSON has them. */
    private static void awaitMessages(Program program, String daemon, String... messages) {
        String key = ",\"daemon\":\"" + daemon + "\",\"message\":\"";
        program.awaitThat(
                "messages of " + daemon,
                () -> program.lines().stream()
                        .filter(line -> line.contains(key))
                        .map(line -> line.substring(line.indexOf(key) + key.length()))
                        .map(rest -> rest.substring(0, rest.indexOf('"')))
                        .toList()
                        .equals(List.of(messages)));
    }

    private static void countsVisits(Program program) {
        awaitReady(program);
        assertThat(program.ownLines())
                .containsSubsequence(
                        "redis is ready", "starting worker", "worker is ready", "starting nginx", "nginx is ready");
        Http nginx = new Http(PORTS_OF_WEB.getFirst());
        assertThat(nginx.get("/").body()).isEqualTo("visit 1\n");
        assertThat(nginx.get("/").body()).isEqualTo("visit 2\n");
        program.awaitThat(
                "nginx' line of a request",
                () -> program.linesOf("nginx").stream().anyMatch(line -> line.contains("\"GET / HTTP/1.1\" 200")));
        for (String daemon : List.of("redis", "worker", "nginx")) {
            program.awaitThat("liveness of " + daemon, () -> program.http.daemon(daemon, "liveness.passed"));
        }

        program.kill("redis");
        program.awaitStart("redis", 2);
        awaitReady(program);
        assertThat(nginx.get("/").body()).isEqualTo("visit 1\n");
    }

    private static void hasUsers(Program program) {
        List.of("redis 60101", "worker 60102", "nginx 60103").forEach(daemonAndUser -> {
            String[] expected = daemonAndUser.split(" ");
            LinuxProcess process = program.inside(program.http.daemon(expected[0], "pid"));
            assertThat(process.read("status")).as(expected[0]).contains("\nUid:\t" + (expected[1] + "\t").repeat(3));
        });
        // the others overwrite theirs
        LinuxProcess worker = program.inside(program.http.daemon("worker", "pid"));
        assertThat(worker.environment()).contains("PATH=").doesNotContain(SECRET_OF_OURS);
    }

    private static void assertExits(Program program, String... daemonsInOrder) {
        assertThat(program.ownLines().stream()
                        .filter(line -> line.matches(".* exited with code (0|143 \\(SIGTERM\\))"))
                        .map(line -> line.substring(0, line.indexOf(' ')))
                        .filter(List.of(daemonsInOrder)::contains))
                .containsExactly(daemonsInOrder);
    }

    private static void awaitReady(Program program) {
        program.awaitThat("ready", () -> program.http.health("ready") == 200);
    }

    private static Program run(String example) throws IOException {
        return runnable("--config", "examples/" + example).start();
    }

    private static ProgramBuilder runnable(String... arguments) {
        return ProgramBuilder.of(arguments)
                .env("OURS", SECRET_OF_OURS)
                .setup("cd '" + TOP + "'")
                // nginx' directories end with the test
                .setup("case $PWD in /tmp/*) ;; *) mount -t tmpfs none /tmp ;; esac");
    }

    private static void assumePrograms(String example) {
        if (example.startsWith("web")) {
            for (String program : List.of("nginx", "redis-server", "redis-cli", "python3")) {
                assumeTrue(LinuxProcess.exists(program), "no " + program + " here, which " + example + " runs");
            }
            for (int port : PORTS_OF_WEB) {
                assumeTrue(isFree(port), "port " + port + ", which " + example + " needs, is taken here");
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
