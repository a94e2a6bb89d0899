package dev.claudebottle.sidecar.it;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Guards as they really are, each on a free port of the loopback, and the agent that they guard. The way out is agent,
 * mitmdump, pipelock where there is one, origin; the origin stands in for supervise as well.
 */
final class RealGuards {

    static final Optional<String> MITMDUMP = find("mitmdump");
    static final Optional<String> PYTHON = find("python3");
    static final Optional<String> GIT =
            // exit code 129: its usage
            find("git").filter(git -> LinuxProcess.shell(git + " daemon -h >/dev/null 2>&1") == 129);
    static final Optional<String> PIPELOCK =
            Optional.ofNullable(System.getenv("PIPELOCK_BIN")).or(() -> find("pipelock"));

    private static final String INHERIT_ONLY_PATH = "inherit_environment: [PATH]";

    private final Path home;
    private final int egress;
    private final int pipelock;
    private final int gitGate;
    private final int origin;
    private final int status;
    private final HttpClient agent;

    /** @param home an empty directory for their files */
    RealGuards(Path home) throws IOException {
        this.home = home;
        List<Integer> ports = freePorts(5);
        egress = ports.get(0);
        pipelock = ports.get(1);
        gitGate = ports.get(2);
        origin = ports.get(3);
        status = ports.get(4);
        agent = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), egress)))
                .build();
        Files.writeString(Files.createDirectory(home.resolve("www")).resolve("note.txt"), "from the origin");
        Files.writeString(home.resolve("pipelock.yaml"), """
                version: 1
                mode: strict
                enforce: true
                api_allowlist: ["127.0.0.1"]
                ssrf: {ip_allowlist: ["127.0.0.0/8"]}    # the origin is on the loopback; `internal: []` is not enough
                fetch_proxy: {listen: "127.0.0.1:%d"}
                forward_proxy: {enabled: true}
                request_body_scanning: {enabled: true, action: block}
                logging: {format: json, output: stdout, include_allowed: true, include_blocked: true}
                """.formatted(pipelock));
        if (GIT.isPresent()) {
            makeRepository();
        }
    }

    /** Starts them and waits until each accepts connections. */
    Program start() throws IOException {
        Program program = ProgramBuilder.of(bundle()).port(status).start();
        try {
            for (int port : ports()) {
                program.awaitThat("something listens on port " + port, () -> accepts(port));
            }
            program.awaitThat("/status answers", program.http::answers);
            return program;
        } catch (AssertionError notUp) {
            program.close();
            throw notUp;
        }
    }

    /** The names of the available guards, in the bundle's order. */
    static List<String> names() {
        List<String> names = new ArrayList<>(List.of("egress"));
        PIPELOCK.ifPresent(present -> names.add("pipelock"));
        GIT.ifPresent(present -> names.add("git-gate"));
        names.add("supervise");
        return names;
    }

    /** A GET by the agent to the origin. */
    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    /** A POST by the agent to the origin. */
    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).POST(BodyPublishers.ofString(body)).build());
    }

    /** A GET by the operator to supervise, not through the guards. */
    HttpResponse<String> getDirectly(String path) throws IOException, InterruptedException {
        try (HttpClient operator = HttpClient.newHttpClient()) {
            return operator.send(request(path).build(), BodyHandlers.ofString());
        }
    }

    /** Clones the repository; returns the content of its file. */
    String cloned(String directory) throws IOException, InterruptedException {
        git("clone", "--quiet", "git://127.0.0.1:" + gitGate + "/notes.git", directory);
        return Files.readString(home.resolve(directory).resolve("note.txt"));
    }

    private BundleText bundle() {
        BundleText bundle = BundleText.bundle();
        bundle.command(
                "egress",
                List.of(
                        MITMDUMP.orElseThrow(),
                        "--mode",
                        PIPELOCK.isPresent() ? "upstream:http://127.0.0.1:" + pipelock : "regular",
                        "--listen-host",
                        "127.0.0.1",
                        "--listen-port",
                        Integer.toString(egress),
                        "--set",
                        "confdir=" + home.resolve("mitmproxy"),
                        "--set",
                        "connection_strategy=lazy"),
                INHERIT_ONLY_PATH,
                "environment: {PYTHONUNBUFFERED: 1, HOME: " + BundleText.quoted(home.toString()) + "}");
        PIPELOCK.ifPresent(program -> bundle.command(
                "pipelock",
                List.of(
                        program,
                        "run",
                        "--config",
                        home.resolve("pipelock.yaml").toString()),
                INHERIT_ONLY_PATH));
        GIT.ifPresent(program -> bundle.command(
                "git-gate",
                List.of(
                        program,
                        "daemon",
                        "--verbose",
                        "--reuseaddr",
                        "--listen=127.0.0.1",
                        "--port=" + gitGate,
                        "--export-all",
                        "--base-path=" + home.resolve("git")),
                INHERIT_ONLY_PATH));
        return bundle.command(
                "supervise",
                List.of(
                        PYTHON.orElseThrow(),
                        "-m",
                        "http.server",
                        "--bind",
                        "127.0.0.1",
                        "--directory",
                        home.resolve("www").toString(),
                        Integer.toString(origin)),
                INHERIT_ONLY_PATH,
                "environment: {PYTHONUNBUFFERED: 1}");
    }

    private List<Integer> ports() {
        List<Integer> ports = new ArrayList<>(List.of(egress, origin));
        PIPELOCK.ifPresent(present -> ports.add(pipelock));
        GIT.ifPresent(present -> ports.add(gitGate));
        return ports;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + origin + path))
                .timeout(Duration.ofSeconds(10));
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return agent.send(request, BodyHandlers.ofString());
    }

    private void makeRepository() throws IOException {
        Files.createDirectory(home.resolve("git"));
        Files.writeString(Files.createDirectory(home.resolve("notes")).resolve("note.txt"), "from the repository");
        try {
            git("init", "--quiet", "notes");
            git("-C", "notes", "add", "note.txt");
            git("-C", "notes", "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "A note");
            git("clone", "--quiet", "--bare", "notes", "git/notes.git");
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("cannot wait for git", impossible);
        }
    }

    /** Runs git without the configuration of this machine. */
    private void git(String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(GIT.stream(), Stream.of(arguments)).toList();
        File log = home.resolve("git.log").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log);
        builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
        builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        int code = builder.start().waitFor();
        if (code != 0) {
            throw new IOException(command + " failed with " + code + ": " + Files.readString(log.toPath()));
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Free ports, all different. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private static Optional<String> find(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
