package dev.claudebottle.sidecar.it.containers;

import static dev.claudebottle.sidecar.it.containers.Docker.IMAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.it.Command;
import io.restassured.path.json.JsonPath;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The containers of {@code compose.yaml}, unchanged: the bundle and an agent behind it. A stand-in replaces the internet. */
final class ComposeStack implements AutoCloseable {

    static final List<String> GUARDS = List.of("pipelock", "egress", "git-gate", "supervise");

    private static final Path HERE = Path.of("src/it/containers").toAbsolutePath();
    /** A directory with the node_modules of MCP clients, or null. */
    static final String MCP_CLIENTS = System.getenv("MCP_CLIENTS");
    /** Directories with the SDKs of models: Python's packages, and node_modules, which may be null. */
    private static final String SDK_PYTHON = System.getenv("SDK_PYTHON");

    static final String SDK_NODE = System.getenv("SDK_NODE");

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    static final List<String> COMMAND =
            Docker.run(Map.of(), List.of("docker", "compose", "version")).code() == 0
                    ? List.of("docker", "compose")
                    : List.of("docker-compose");

    private final List<String> compose;
    private final Map<String, String> environment;
    private final Map<String, String> containers = new ConcurrentHashMap<>();

    private ComposeStack(Path scratch, List<String> more, Map<String, String> variables) {
        compose = new ArrayList<>(COMMAND);
        compose.addAll(List.of("--project-name", "bottle", "-f", "compose.yaml", "-f", HERE + "/compose.test.yaml"));
        more.forEach(file -> compose.addAll(List.of("-f", HERE + "/" + file)));
        environment = new HashMap<>(variables);
        environment.putAll(Map.of(
                "SIDECARS_IMAGE",
                IMAGE,
                "HERE",
                HERE.toString(),
                "SCRATCH",
                scratch.toString(),
                "MCP_CLIENTS",
                Objects.requireNonNullElse(MCP_CLIENTS, scratch + "/none"),
                "CLAUDE_BOTTLE_GIT_UPSTREAM",
                "/upstream/repo.git"));
    }

    /** Returns once the agent runs. Compose starts it only when the bundle is healthy. */
    static ComposeStack up(Path scratch) throws IOException {
        prepare(scratch, "");
        return new ComposeStack(scratch, List.of(), Map.of()).start();
    }

    /** As {@link #up}, with the hosts of models, which the agent may also reach, and with what {@code secrets} and {@code hosts} have. */
    static ComposeStack upWithModels(Path scratch, String openAiKey) throws IOException {
        Files.createDirectories(scratch.resolve("models"));
        prepare(scratch, """
                api.anthropic.com passthrough
                api.openai.com passthrough
                limited.test passthrough
                elsewhere.test
                """);
        return new ComposeStack(
                        scratch,
                        List.of("compose.models.yaml"),
                        Map.of(
                                "OPENAI_API_KEY",
                                openAiKey,
                                "SDK_PYTHON",
                                SDK_PYTHON,
                                "SDK_NODE",
                                Objects.requireNonNullElse(SDK_NODE, scratch + "/none")))
                .start();
    }

    private static void prepare(Path scratch, String moreHosts) throws IOException {
        // the containers run as other users than the owner of the temporary directory
        Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(scratch.resolve("none")); // which the agent gets in place of what is not installed
        Files.createDirectories(scratch.resolve("tls"));
        inImage(scratch, certificates());
        Files.createDirectories(scratch.resolve("upstream"));
        inImage(
                scratch,
                "git init --quiet --bare --initial-branch=main upstream/repo.git && chown -R git-gate: upstream");
        Files.createDirectories(scratch.resolve("hosts"));
        Files.writeString(scratch.resolve("hosts/allowed-hosts"), "allowed.test http\n" + moreHosts);
        // in these tests private addresses stand for the internet
        Files.writeString(
                scratch.resolve("pipelock.yaml"),
                Files.readString(Path.of("src/main/docker/pipelock/pipelock.yaml"))
                        + "\nssrf: {ip_allowlist: [\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\"]}\n");
    }

    private ComposeStack start() {
        compose("up", "--detach").succeeded();
        return this;
    }

    Command.Result inAgent(String... command) {
        return exec("agent", command);
    }

    Command.Result inInternet(String... command) {
        return exec("internet", command);
    }

    Command.Result inSidecars(String... command) {
        return exec("sidecars", command);
    }

    /** Runs the command as this user, who can inspect its own processes. */
    Command.Result as(String user, String... command) {
        return Docker.docker(Stream.concat(Stream.of("exec", "--user", user, container("sidecars")), Stream.of(command))
                .toArray(String[]::new));
    }

    /** Runs the command as root that sees all of the container: its processes, and its files below /proc/1/root. Its own root has fewer rights. */
    Command.Result besides(String service, String program, String... arguments) {
        return Docker.run(
                Map.of(),
                Stream.concat(
                                besides(service).stream(),
                                Stream.concat(Stream.of("--entrypoint=" + program, IMAGE), Stream.of(arguments)))
                        .toList());
    }

    /** The beginning of such a command. */
    private List<String> besides(String service) {
        return List.of(
                "docker",
                "run",
                "--rm",
                "--interactive",
                "--network=none",
                "--pid=container:" + container(service),
                "--cap-drop=ALL",
                "--cap-add=SYS_PTRACE",
                "--cap-add=DAC_READ_SEARCH");
    }

    /** Lines `NAME PLACE` for all places in the container where root finds one of the texts. */
    List<String> search(String service, Map<String, String> texts) {
        List<String> command = new ArrayList<>(besides(service));
        command.addAll(List.of("--volume=" + HERE + "/sdk/search.py:/search.py:ro", "--entrypoint=python3", IMAGE));
        command.addAll(List.of("-B", "/search.py", "/proc/1/root"));
        return search(command, texts);
    }

    /** Lines `NAME PLACE` for all places among the guards where this user finds one of the texts. */
    List<String> searchAs(String user, Map<String, String> texts) {
        List<String> command = new ArrayList<>(List.of("docker", "exec", "--interactive", "--user=" + user));
        command.addAll(List.of(container("sidecars"), "python3", "-B", "/search.py", ""));
        return search(command, texts);
    }

    private static List<String> search(List<String> command, Map<String, String> texts) {
        List<String> lines = Command.run(Map.of(), new JsonObject(new TreeMap<>(texts)).encode(), command)
                .succeeded()
                .output()
                .lines()
                .toList();
        assertThat(lines.getLast()).isEqualTo("searched");
        return lines.subList(0, lines.size() - 1);
    }

    /** Starts a program of the agent, with which the caller talks by its stdin and stdout. */
    Process startInAgent(String... command) throws IOException {
        List<String> exec = new ArrayList<>(List.of("docker", "exec", "--interactive", container("agent")));
        exec.addAll(List.of(command));
        return new ProcessBuilder(exec)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Runs curl in the agent, through the proxy that its environment names. */
    Command.Result curl(String... arguments) {
        return exec(
                "agent",
                Stream.concat(Stream.of("curl", "--silent", "--max-time", "20"), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    /** The status code of the response, that of the proxy for a refused CONNECT, or 0 without a response. */
    int statusOf(String... arguments) {
        String[] codes = curl(Stream.concat(
                                Stream.of("--output", "/dev/null", "--write-out", "%{http_code} %{http_connect}"),
                                Stream.of(arguments))
                        .toArray(String[]::new))
                .output()
                .split(" ");
        int code = Integer.parseInt(codes[0]);
        return code == 0 ? Integer.parseInt(codes[1]) : code;
    }

    /** Runs the command in the network of the engine's host. */
    Command.Result onTheHost(String program, String... arguments) {
        return Docker.docker(Stream.concat(
                        Stream.of("run", "--rm", "--network=host", "--entrypoint=" + program, IMAGE),
                        Stream.of(arguments))
                .toArray(String[]::new));
    }

    String inspect(String service, String format) {
        return Docker.inspect(container(service), format);
    }

    List<String> publishedPorts() {
        return Docker.docker("port", container("sidecars"))
                .succeeded()
                .output()
                .lines()
                .toList();
    }

    JsonPath status() {
        return new JsonPath(inSidecars("sidecar-init", "status", "--json").output());
    }

    int pid(String guard) {
        return status().getInt("daemons.find { it.name == '" + guard + "' }.pid");
    }

    void awaitReady() {
        await().atMost(TIMEOUT).until(() -> inSidecars("sidecar-init", "status").code() == 0);
    }

    String logs(String service) {
        return Docker.logs(container(service));
    }

    void awaitLog(String service, String text) {
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(logs(service)).contains(text));
    }

    private Command.Result compose(String... arguments) {
        List<String> command = new ArrayList<>(compose);
        command.addAll(List.of(arguments));
        return Docker.run(environment, command);
    }

    @Override
    public void close() {
        compose("down", "--volumes", "--timeout", "1").succeeded();
    }

    private Command.Result exec(String service, String... command) {
        return Docker.exec(container(service), command);
    }

    private String container(String service) {
        return containers.computeIfAbsent(
                service,
                name -> compose("ps", "--quiet", name).succeeded().output().strip());
    }

    /** Runs the script as root in this directory. */
    static void inImage(Path scratch, String script) {
        Docker.docker(
                        "run",
                        "--rm",
                        "--network=none",
                        "--volume=" + scratch + ":/scratch",
                        "--workdir=/scratch",
                        "--entrypoint=sh",
                        IMAGE,
                        "-euc",
                        script)
                .succeeded();
    }

    /** Makes a CA for the tests and a server certificate for the stand-in of the internet. */
    private static String certificates() {
        return """
                cd tls
                exec 2>&1
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests -keyout ca.key -out ca.pem
                openssl req -newkey rsa:2048 -nodes -subj /CN=allowed.test -keyout server.key -out server.csr
                printf 'subjectAltName=DNS:allowed.test,DNS:refused.test,DNS:added.test' >names
                printf ',DNS:api.anthropic.com,DNS:api.openai.com,DNS:elsewhere.test,DNS:limited.test' >>names
                openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem
                chmod 644 *
                """;
    }
}
