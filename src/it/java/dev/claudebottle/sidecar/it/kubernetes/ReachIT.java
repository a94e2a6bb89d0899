package dev.claudebottle.sidecar.it.kubernetes;

import static dev.claudebottle.sidecar.it.kubernetes.Bottle.AGENT;
import static dev.claudebottle.sidecar.it.kubernetes.Bottle.GUARD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reaches whom, in a cluster that enforces NetworkPolicies. The pod `outsider`, which has none, shows that a target answers at all. */
@NeedsCluster(NeedsCluster.Kind.NODE)
class ReachIT {

    private static final String OUTSIDER = "outsider";
    private static final List<Integer> AGENTS_PORTS = List.of(9099, 9418, 9101);
    private static final List<Integer> OTHER_PORTS = List.of(9181, 9180, 9100, 8888, 9091);

    /** What answers every pod that no policy holds. */
    private static final List<String> OF_THE_CLUSTER = Stream.of(
                    "tcp:10.96.0.1:443", // the API server
                    "tcp:10.99.0.1:10250", // the kubelet
                    "tcp:10.96.0.10:53",
                    "udp:10.96.0.10:53")
            .toList();

    private static final List<String> OF_THE_INTERNET = List.of("tcp:1.1.1.1:443", "tcp:1.1.1.2:443", "tcp:1.1.1.2:80");

    private static Bottle bottle;
    private static Kubectl kubectl;
    private static Kubectl monitoring;

    @BeforeAll
    static void up() {
        bottle = Bottle.up("reach");
        kubectl = bottle.kubectl();
        kubectl.startPod(OUTSIDER);
        monitoring = new Kubectl("monitoring").create("baseline");
        monitoring.startPod(OUTSIDER);
    }

    @AfterAll
    static void down() {
        if (bottle != null) {
            bottle.close();
        }
        if (monitoring != null) {
            monitoring.run("delete", "pod", OUTSIDER).succeeded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void theAgentReachesAnAllowedHostThroughTheGuards(String scheme) {
        // When
        String answer = bottle.curl(scheme + "://allowed.example/by-" + scheme)
                .succeeded()
                .output();

        // Then
        assertThat(answer).isEqualTo("GET allowed.example /by-" + scheme + " arrived\n");
        assertThat(Bottle.arrivedInTheInternet()).contains(scheme + " allowed.example GET /by-" + scheme);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void theAgentIsRefusedAnyOtherHost(String scheme) {
        assertThat(bottle.statusOf(scheme + "://refused.example/")).isEqualTo(403);
        assertThat(Bottle.arrivedInTheInternet()).doesNotContain("refused.example");
    }

    @Test
    void theAgentReachesThreePortsOfItsGuards() {
        for (UnaryOperator<String> address : addressesOfTheGuards()) {
            List<String> ports = targets(address, AGENTS_PORTS);
            assertThat(kubectl.reached(AGENT, ports)).isEqualTo(ports);
        }
    }

    @Test
    void theAgentReachesNoOtherPortOfItsGuards() {
        for (UnaryOperator<String> address : addressesOfTheGuards()) {
            assertThat(kubectl.reached(AGENT, targets(address, OTHER_PORTS))).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {9181, 9180, 9100, 8888, 9091})
    void theAgentReachesAnInnerPortOfItsGuardsNeitherThroughTheProxy(int port) {
        String guard = bottle.address(GUARD);
        for (String host : List.of("127.0.0.1", "localhost", guard, "[::1]", "bottle-guard")) {
            assertThat(bottle.inAgent(
                                    "curl",
                                    "--silent",
                                    "--noproxy",
                                    "",
                                    "--output",
                                    "/dev/null",
                                    "--write-out",
                                    "%{http_code}",
                                    "http://" + host + ":" + port + "/")
                            .output())
                    .as(host)
                    .isEqualTo("403");
        }
    }

    @Test
    void theAgentReachesNothingOfTheClusterWhichAnyOtherPodDoes() {
        assertThat(kubectl.reached(OUTSIDER, OF_THE_CLUSTER)).isEqualTo(OF_THE_CLUSTER);
        assertThat(kubectl.reached(AGENT, OF_THE_CLUSTER)).isEmpty();
    }

    @Test
    void theAgentReachesNoAddressOfTheInternetWhichAnyOtherPodDoes() {
        assertThat(kubectl.reached(OUTSIDER, OF_THE_INTERNET)).isEqualTo(OF_THE_INTERNET);
        assertThat(kubectl.reached(AGENT, OF_THE_INTERNET)).isEmpty();
    }

    @Test
    void theAgentResolvesNoNameWhichAnyOtherPodDoes() {
        kubectl.exec(OUTSIDER, "getent", "hosts", "allowed.example").succeeded();
        kubectl.exec(AGENT, "getent", "hosts", "allowed.example").failed();
        kubectl.exec(AGENT, "getent", "hosts", "kubernetes.default.svc.cluster.local")
                .failed();
    }

    @Test
    void theAgentHasNoTokenOfTheApiServer() {
        bottle.inAgent("ls", "/var/run/secrets/kubernetes.io").failed();
        bottle.inGuard("ls", "/var/run/secrets/kubernetes.io").failed();
    }

    @Test
    void nobodyReachesTheAgent() {
        // Given: a server in the agent's pod
        String address = bottle.address(AGENT);
        bottle.inAgent("sh", "-c", "cd /tmp && python3 -m http.server 8000 >/tmp/log 2>&1 &")
                .succeeded();
        Bottle.eventually()
                .until(() ->
                        !kubectl.reached(AGENT, List.of("tcp:127.0.0.1:8000")).isEmpty());

        // Then
        List<String> server = List.of("tcp:" + address + ":8000");
        assertThat(kubectl.reached(OUTSIDER, server)).isEmpty();
        assertThat(kubectl.reached(GUARD, server)).isEmpty();
        assertThat(monitoring.reached(OUTSIDER, server)).isEmpty();
    }

    @Test
    void nobodyElseReachesTheGuardsButMonitoringTheirHealth() {
        for (UnaryOperator<String> address : addressesOfTheGuards()) {
            assertThat(kubectl.reached(OUTSIDER, targets(address, AGENTS_PORTS)))
                    .isEmpty();
            assertThat(kubectl.reached(OUTSIDER, targets(address, OTHER_PORTS))).isEmpty();
            assertThat(monitoring.reached(OUTSIDER, targets(address, AGENTS_PORTS)))
                    .isEmpty();
            assertThat(monitoring.reached(OUTSIDER, targets(address, OTHER_PORTS)))
                    .isEqualTo(targets(address, List.of(9181)));
        }
    }

    @Test
    void theGuardsReachPublicAddressesAndDnsAndNothingPrivate() {
        // Given: a server in a pod
        kubectl.exec(OUTSIDER, "sh", "-c", "cd /tmp && python3 -m http.server 8080 >/tmp/log 2>&1 &")
                .succeeded();
        String server = "tcp:" + kubectl.get("pod", OUTSIDER).getString("status.podIP") + ":8080";
        Bottle.eventually()
                .until(() -> !monitoring.reached(OUTSIDER, List.of(server)).isEmpty());

        // Then
        assertThat(kubectl.reached(GUARD, OF_THE_INTERNET)).isEqualTo(OF_THE_INTERNET);
        assertThat(kubectl.reached(GUARD, OF_THE_CLUSTER)).containsExactly("tcp:10.96.0.10:53", "udp:10.96.0.10:53");
        assertThat(kubectl.reached(GUARD, List.of(server))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"mitmproxy,egress", "git-gate,git-gate", "supervise,supervise"})
    void aGuardReadsItsOwnVolumeAlone(String user, String folder) {
        bottle.as(user, "ls", "/var/lib/" + folder).succeeded();
        for (String other : List.of("mitmproxy", "pipelock", "git-gate", "supervise")) {
            if (!other.equals(user)) {
                bottle.as(other, "ls", "/var/lib/" + folder).failed();
            }
        }
    }

    @Test
    void theHealthPortServesHealthAndMetricsAndNothingElse() {
        String url = "http://" + bottle.address(GUARD) + ":9181";
        for (String path :
                List.of("/q/health/live", "/q/health/ready", "/q/health/started", "/q/health", "/q/metrics")) {
            assertThat(status(url + path)).as(path).isEqualTo("200");
        }
        for (String path : List.of("/", "/status", "/events", "/approvals")) {
            assertThat(status(url + path)).as(path).isEqualTo("404");
        }
    }

    private static String status(String url) {
        return monitoring
                .exec(OUTSIDER, "curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", url)
                .output();
    }

    /** By the address of the Service, and by that of the pod. */
    private static List<UnaryOperator<String>> addressesOfTheGuards() {
        String service = kubectl.get("service", "bottle-guard").getString("spec.clusterIP");
        String pod = bottle.address(GUARD);
        return List.of(port -> "tcp:" + service + ":" + port, port -> "tcp:" + pod + ":" + port);
    }

    private static List<String> targets(UnaryOperator<String> address, List<Integer> ports) {
        return ports.stream().map(String::valueOf).map(address).toList();
    }
}
