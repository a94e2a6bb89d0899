package dev.claudebottle.sidecar.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.it.Command;
import dev.claudebottle.sidecar.it.Command.Result;
import io.restassured.path.json.JsonPath;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;

/** The bottle of {@code deploy/kubernetes/base} with some components, in a namespace of its own, before a stand-in for the internet. */
final class Bottle implements AutoCloseable {

    static final List<String> GUARDS = List.of("pipelock", "egress", "git-gate", "supervise");
    static final String GUARD = "bottle-guard-0";
    static final String AGENT = "bottle-agent-0";

    /** What arrives in the internet, and with which CA; null without a node. */
    static final Path INTERNET = System.getenv("INTERNET") == null ? null : Path.of(System.getenv("INTERNET"));

    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private final Kubectl kubectl;

    private Bottle(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    /** Makes the namespace, and applies nothing. */
    static Bottle prepare(String namespace, String profile) {
        Kubectl kubectl = new Kubectl(namespace).create(profile);
        kubectl.run("create", "configmap", "internet", "--from-file=" + INTERNET.resolve("ca.pem"))
                .succeeded();
        return new Bottle(kubectl);
    }

    /** Returns once the agent runs. */
    static Bottle up(String namespace) {
        Bottle bottle = prepare(namespace, "baseline");
        bottle.apply(List.of(), "");
        bottle.awaitReady();
        return bottle;
    }

    /**
     * Applies the bottle.
     *
     * @param patches more of the kustomization, for example {@code patches:}
     */
    void apply(List<String> components, String patches) {
        List<Path> folders = Stream.concat(
                        components.stream().map(name -> Sources.DEPLOY.resolve("components/" + name)),
                        Stream.of(Sources.TESTS.resolve("bottle")))
                .toList();
        kubectl.apply(Render.base(kubectl.namespace(), folders, patches)).succeeded();
    }

    Kubectl kubectl() {
        return kubectl;
    }

    static ConditionFactory eventually() {
        return Awaitility.await().atMost(TIMEOUT).pollInterval(Duration.ofSeconds(1));
    }

    void awaitReady() {
        await(GUARD + " is ready", () -> isReady(GUARD));
        await(AGENT + " is ready", () -> isReady(AGENT));
        await("the agent reaches an allowed host", () -> statusOf("https://allowed.example/") == 200);
    }

    void await(String rule, Callable<Boolean> condition) {
        try {
            eventually().alias(rule).until(condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + "\n" + describe(), e);
        }
    }

    private String describe() {
        return kubectl.run("get", "pods,events").output()
                + kubectl.run("describe", "pods").output()
                + kubectl.logs(AGENT, "await-guard")
                + kubectl.logs(GUARD, "prepare")
                + kubectl.logs(GUARD, "guard");
    }

    JsonPath pod(String name) {
        return kubectl.get("pod", name);
    }

    String uid(String pod) {
        return pod(pod).getString("metadata.uid");
    }

    /** The identity of the pod, and how often its containers were started again. */
    String lives(String name) {
        JsonPath pod = pod(name);
        return pod.getString("metadata.uid") + " " + pod.getString("status.containerStatuses.restartCount");
    }

    boolean isReady(String name) {
        JsonPath pod = pod(name);
        return pod.getString("metadata.deletionTimestamp") == null
                && "True".equals(pod.getString("status.conditions.find { it.type == 'Ready' }.status"));
    }

    String address(String pod) {
        return pod(pod).getString("status.podIP");
    }

    Result inAgent(String... command) {
        return kubectl.exec(AGENT, command);
    }

    Result inGuard(String... command) {
        return kubectl.exec(GUARD, command);
    }

    /** Runs the command in the guards' pod as the user of a guard. */
    Result as(String user, String... command) {
        return inGuard(Stream.concat(
                        Stream.of(
                                "setpriv",
                                "--reuid=" + user,
                                "--regid=" + user,
                                "--clear-groups",
                                "--inh-caps=-all",
                                "--"),
                        Stream.of(command))
                .toArray(String[]::new));
    }

    /** Runs curl in the agent, through the proxy that its environment names. */
    Result curl(String... arguments) {
        return inAgent(Stream.concat(Stream.of("curl", "--silent", "--max-time", "20"), Stream.of(arguments))
                .toArray(String[]::new));
    }

    /** The status code of the response, that of the proxy for a refused CONNECT, or 0 without a response. */
    int statusOf(String url) {
        String output = curl("--output", "/dev/null", "--write-out", "|%{http_code} %{http_connect}|", url)
                .output();
        String[] codes = output.contains("|") ? output.split("\\|")[1].split(" ") : new String[] {"0", "0"};
        int code = Integer.parseInt(codes[0]);
        return code == 0 ? Integer.parseInt(codes[1]) : code;
    }

    /** The CA that the agent trusts. */
    String ca() {
        return inAgent("cat", "/bottle/ca.pem").succeeded().output();
    }

    /** The CA that the guards use. */
    String caOfTheGuards() {
        return curl("http://egress.health/ca.pem").succeeded().output();
    }

    JsonPath status() {
        return new JsonPath(inGuard("sidecar-init", "status", "--json").output());
    }

    /** Sends this signal to PID 1 of the guards' pod, as nobody in the pod can. */
    void kill(String signal) {
        String container =
                pod(GUARD).getString("status.containerStatuses[0].containerID").replace("containerd://", "");
        Command.run(
                        Map.of(),
                        "",
                        List.of("ctr", "--namespace", "k8s.io", "tasks", "kill", "--signal", signal, container))
                .succeeded();
    }

    /** Calls a tool of supervise as the agent. */
    Result ask(String tool, String arguments) {
        String guard = inAgent("printenv", "GUARD_HOST").succeeded().output().strip();
        return kubectl.python(
                AGENT, Sources.read("../containers/ask.py"), "http://" + guard + ":9101/mcp", tool, arguments);
    }

    static String arrivedInTheInternet() {
        return Sources.read(INTERNET.resolve("log"));
    }

    /** Deletes the namespace in the background. */
    @Override
    public void close() {
        assertThat(kubectl.run("delete", "namespace", kubectl.namespace(), "--wait=false")
                        .code())
                .isZero();
    }
}
