package dev.claudebottle.sidecar.it.kubernetes;

import static dev.claudebottle.sidecar.it.kubernetes.Bottle.AGENT;
import static dev.claudebottle.sidecar.it.kubernetes.Bottle.GUARD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.it.Command.Result;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The life of a bottle: its guards end in different ways, are updated, and asked. The agent's pod stays. */
@NeedsCluster(NeedsCluster.Kind.NODE)
class BottleIT {

    private static final List<String> GUARDS = Bottle.GUARDS;

    private static Bottle bottle;
    private static Kubectl kubectl;
    private static Kubectl monitoring;

    @BeforeAll
    static void up() {
        bottle = Bottle.up("life");
        kubectl = bottle.kubectl();
        monitoring = new Kubectl("monitoring").create("baseline");
        monitoring.startPod("prometheus");
    }

    @AfterAll
    static void down() {
        if (bottle != null) {
            bottle.close();
        }
        if (monitoring != null) {
            monitoring.run("delete", "pod", "prometheus").succeeded();
        }
    }

    @BeforeEach
    void ready() {
        bottle.awaitReady();
    }

    @ParameterizedTest
    @CsvSource({"10", "1"})
    void aGuardsPodThatIsDeletedComesBackWithItsCaAndTheAgentStays(int grace) {
        // Given
        String ca = bottle.ca();
        String agent = bottle.lives(AGENT);
        String guard = bottle.uid(GUARD);

        // When
        kubectl.run("delete", "pod", GUARD, "--grace-period=" + grace).succeeded();

        // Then
        bottle.awaitReady();
        assertThat(bottle.uid(GUARD)).isNotEqualTo(guard);
        assertThat(bottle.lives(AGENT)).isEqualTo(agent);
        assertThat(bottle.caOfTheGuards()).isEqualTo(ca);
    }

    @Test
    void aSupervisorThatIsKilledComesBackInItsPodWithItsCaAndTheAgentStays() {
        // Given
        String ca = bottle.ca();
        String agent = bottle.lives(AGENT);
        String guard = bottle.uid(GUARD);
        int restarts = restartsOfTheGuards();

        // When
        bottle.kill("SIGKILL");

        // Then
        bottle.await("the container is started again", () -> restartsOfTheGuards() == restarts + 1);
        bottle.awaitReady();
        assertThat(bottle.uid(GUARD)).isEqualTo(guard);
        assertThat(bottle.lives(AGENT)).isEqualTo(agent);
        assertThat(bottle.caOfTheGuards()).isEqualTo(ca);
    }

    @Test
    void aDrainEvictsBothPodsAndTheyComeBackWithTheirVolumes() {
        // Given
        String ca = bottle.ca();
        String guard = bottle.uid(GUARD);
        String agent = bottle.uid(AGENT);
        bottle.inAgent("sh", "-c", "echo half done >/workspace/notes").succeeded();

        // When
        try {
            kubectl.run("drain", "node", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=180s")
                    .succeeded();
            assertThat(kubectl.run("get", "pods", "--field-selector=status.phase=Running")
                            .output())
                    .contains("No resources found");
        } finally {
            kubectl.run("uncordon", "node").succeeded();
        }

        // Then
        bottle.awaitReady();
        assertThat(List.of(guard, agent)).doesNotContain(bottle.uid(GUARD), bottle.uid(AGENT));
        assertThat(bottle.ca()).isEqualTo(ca).isEqualTo(bottle.caOfTheGuards());
        assertThat(bottle.inAgent("cat", "/workspace/notes").succeeded().output())
                .isEqualTo("half done\n");
        monitoring.startPod("prometheus");
    }

    @ParameterizedTest
    @FieldSource("GUARDS")
    void aGuardThatDiesIsAGapInTheMetricsAndBothPodsStay(String guard) {
        // Given
        String agent = bottle.lives(AGENT);
        String guards = bottle.lives(GUARD);
        double gaps = metric("sidecar_daemon_gap_seconds_total{daemon=\"" + guard + "\"");
        int pid = bottle.status().getInt("daemons.find { it.name == '" + guard + "' }.pid");

        // When
        bottle.inGuard("sh", "-c", "kill -KILL " + pid).succeeded();

        // Then
        bottle.await(
                "the gap is in the metrics",
                () -> metric("sidecar_daemon_gap_seconds_total{daemon=\"" + guard + "\"") > gaps);
        bottle.awaitReady();
        assertThat(metric("sidecar_daemon_ready{daemon=\"" + guard + "\"")).isEqualTo(1);
        assertThat(bottle.lives(AGENT)).isEqualTo(agent);
        assertThat(bottle.lives(GUARD)).isEqualTo(guards);
    }

    @Test
    void theMetricsAndTheEventsNameTheBottleItsNamespaceAndItsPod() {
        assertThat(metrics().lines().filter(line -> line.startsWith("sidecar_info{")))
                .singleElement()
                .asString()
                .contains("bottle=\"bottle\"", "namespace=\"life\"", "pod=\"" + GUARD + "\"");
        assertThat(bottle.inGuard("curl", "--silent", "--max-time", "2", "--no-buffer", "http://127.0.0.1:9180/events")
                        .output())
                .contains("\"source\":\"/sidecar-init/life/bottle/" + GUARD + "\"");
    }

    @Test
    void theAgentAsksForApprovalAndTheOperatorAnswersByExec() {
        // Given
        CompletableFuture<Result> answer = CompletableFuture.supplyAsync(
                () -> bottle.ask("request_approval", "{\"action\": \"drop the table\", \"reason\": \"it is empty\"}"));

        // When: the metrics tell of it, and exec answers
        bottle.await("a request waits", () -> metric("sidecar_approvals_pending") == 1);
        String id = bottle.inGuard("sh", "-c", "approvals | sed -n '/WAITING.*drop the table/s/ .*//p'")
                .succeeded()
                .output()
                .strip();
        bottle.inGuard("approvals", "approve", id, "go on").succeeded();

        // Then
        assertThat(answer.join().succeeded().output()).contains("approved", "go on");
        bottle.await("no request waits", () -> metric("sidecar_approvals_pending") == 0);
    }

    @Test
    void aRolloutKeepsTheCaAndTheAgentsPod() {
        // Given
        String ca = bottle.ca();
        String agent = bottle.lives(AGENT);
        String guard = bottle.uid(GUARD);

        // When
        kubectl.run("rollout", "restart", "statefulset/bottle-guard").succeeded();
        kubectl.run("rollout", "status", "statefulset/bottle-guard", "--timeout=180s")
                .succeeded();

        // Then
        bottle.awaitReady();
        assertThat(bottle.uid(GUARD)).isNotEqualTo(guard);
        assertThat(bottle.lives(AGENT)).isEqualTo(agent);
        assertThat(bottle.caOfTheGuards()).isEqualTo(ca);
    }

    @Test
    void aRolloutThatNeverGetsReadyIsRepairedByTheNext() {
        // Given
        String ca = bottle.ca();
        String agent = bottle.lives(AGENT);

        // When
        kubectl.run("set", "image", "statefulset/bottle-guard", "guard=missing:1")
                .succeeded();
        bottle.await(
                "the guards' image is missing",
                () -> "ErrImagePull ImagePullBackOff"
                        .contains(String.valueOf(
                                bottle.pod(GUARD).getString("status.containerStatuses[0].state.waiting.reason"))));
        bottle.apply(List.of(), "");

        // Then
        bottle.awaitReady();
        assertThat(bottle.lives(AGENT)).isEqualTo(agent);
        assertThat(bottle.caOfTheGuards()).isEqualTo(ca);
    }

    @Test
    void aChangeOfTheAllowListCountsWithoutARestart() {
        // Given
        String agent = bottle.lives(AGENT);
        String guard = bottle.lives(GUARD);
        assertThat(bottle.statusOf("https://added.example/")).isEqualTo(403);

        // When
        allow("allowed.example http\\nadded.example\\n");

        // Then
        bottle.await("the host is allowed", () -> bottle.statusOf("https://added.example/") == 200);
        allow("allowed.example http\\n");
        bottle.await("the host is refused", () -> bottle.statusOf("https://added.example/") == 403);
        assertThat(bottle.lives(AGENT)).isEqualTo(agent);
        assertThat(bottle.lives(GUARD)).isEqualTo(guard);
    }

    private static void allow(String hosts) {
        kubectl.run(
                        "patch",
                        "configmap",
                        "bottle-allowed-hosts",
                        "--patch",
                        "{\"data\": {\"allowed-hosts\": \"" + hosts + "\"}}")
                .succeeded();
    }

    private static int restartsOfTheGuards() {
        return bottle.pod(GUARD).getInt("status.containerStatuses[0].restartCount");
    }

    /** What Prometheus would get. */
    private static String metrics() {
        return monitoring
                .exec(
                        "prometheus",
                        "curl",
                        "--silent",
                        "--max-time",
                        "5",
                        "http://" + bottle.address(GUARD) + ":9181/q/metrics")
                .output();
    }

    /** The value of the only metric that begins so, or NaN if there is none. */
    private static double metric(String prefix) {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(prefix))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElse(Double.NaN);
    }
}
