package dev.claudebottle.sidecar.http;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class MetricsRouteTest {

    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /** Higher than any pid. */
    private static final int NO_PROCESS = 1 << 30;

    @Inject
    FakeSupervisor supervisor;

    @TestHTTPResource("/q/metrics")
    URI uri;

    private Process leader;

    @BeforeEach
    void reset() throws IOException {
        supervisor.reset();
        leader = new ProcessBuilder("setsid", "sleep", "600").start();
        await().until(() -> leader.info().command().orElse("").endsWith("sleep"));
    }

    @AfterEach
    void end() {
        leader.destroyForcibly();
    }

    @Test
    void hasTheNamesOfTheContractAndNoOthers() {
        // Given
        supervisor.started("egress", aLeader());
        supervisor.exited("egress", 1);
        supervisor.started("pipelock", aLeader());
        // When
        List<String> types = metrics()
                .lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.substring("# TYPE ".length()))
                .toList();
        // Then
        assertThat(types)
                .containsExactly(
                        "sidecar_daemon_up gauge",
                        "sidecar_daemon_ready gauge",
                        "sidecar_daemon_starts_total counter",
                        "sidecar_daemon_deaths_total counter",
                        "sidecar_daemon_last_exit_code gauge",
                        "sidecar_daemon_gap_seconds_total counter",
                        "sidecar_daemon_planned_gap_seconds_total counter",
                        "sidecar_daemon_cpu_seconds_total counter",
                        "sidecar_daemon_resident_bytes gauge",
                        "sidecar_daemon_log_lines_total counter",
                        "sidecar_daemon_log_bytes_total counter",
                        "sidecar_info gauge",
                        "sidecar_orphans_reaped_total counter",
                        "sidecar_adopted_processes gauge",
                        "sidecar_log_dropped_lines_total counter",
                        "sidecar_notify_backlog gauge",
                        "sidecar_notify_dropped_total counter");
    }

    @Test
    void everyMetricHasAHelpText() {
        // When
        List<String> lines = metrics().lines().toList();
        // Then
        for (String line : lines) {
            if (line.startsWith("# TYPE ")) {
                String name = line.split(" ")[2];
                assertThat(lines).anyMatch(help -> help.matches("# HELP " + name + " [A-Z].*\\."));
            }
        }
    }

    @Test
    void showsADaemonThatRuns() {
        // Given
        supervisor.allStarted();
        // When
        String metrics = metrics();
        // Then
        assertThat(value(metrics, "up", "egress")).hasValue(1.0);
        assertThat(value(metrics, "ready", "egress")).hasValue(1.0);
        assertThat(value(metrics, "starts_total", "egress")).hasValue(1.0);
        assertThat(deaths(metrics, "egress")).containsExactly(0.0, 0.0, 0.0, 0.0);
        assertThat(value(metrics, "last_exit_code", "egress")).isEmpty();
        assertThat(value(metrics, "gap_seconds_total", "egress")).hasValue(0.0);
        assertThat(value(metrics, "log_lines_total", "egress")).hasValue(6.0);
        assertThat(value(metrics, "log_bytes_total", "egress")).hasValue(600.0);
    }

    @Test
    void showsTheBundle() {
        assertThat(metrics().lines())
                .contains(
                        "sidecar_orphans_reaped_total 3.0",
                        "sidecar_adopted_processes 5.0",
                        "sidecar_log_dropped_lines_total 2.0");
    }

    @Test
    void saysWhoTheBundleIsAndTheVersionAndWhatIsNotSetIsEmpty() throws IOException {
        assertThat(metrics().lines())
                .contains("sidecar_info{bottle=\"b-17\",namespace=\"fleet\",pod=\"\",version=\"" + ProgramVersion.read()
                        + "\",} 1.0");
    }

    @Test
    void theIdentityIsAnInfoOfOpenMetrics() {
        assertThat(given().accept("application/openmetrics-text")
                        .get("/q/metrics")
                        .asString())
                .contains("# TYPE sidecar info\n")
                .contains("\nsidecar_info{bottle=\"b-17\",namespace=\"fleet\",pod=\"\",version=");
    }

    @Test
    void daemonsComeInTheBundlesOrder() {
        assertThat(metrics().lines().filter(line -> line.startsWith("sidecar_daemon_up{")))
                .map(line -> line.split("\"")[1])
                .containsExactly("egress", "pipelock", "git-gate", "supervise");
    }

    @Test
    void showsADaemonThatHasNotBeenStarted() {
        // When
        String metrics = metrics();
        // Then
        assertThat(value(metrics, "up", "supervise")).hasValue(0.0);
        assertThat(value(metrics, "ready", "supervise")).hasValue(0.0);
        assertThat(value(metrics, "starts_total", "supervise")).hasValue(0.0);
        assertThat(metrics).doesNotContain("last_exit_code", "cpu_seconds", "resident_bytes");
    }

    @Test
    void showsADaemonThatExited() {
        // Given
        supervisor.started("egress", aLeader());
        supervisor.exited("egress", 3);
        // When
        String metrics = metrics();
        // Then
        assertThat(value(metrics, "up", "egress")).hasValue(0.0);
        assertThat(value(metrics, "ready", "egress")).hasValue(0.0);
        assertThat(deaths(metrics, "egress")).containsExactly(1.0, 0.0, 0.0, 0.0);
        assertThat(value(metrics, "last_exit_code", "egress")).hasValue(3.0);
        assertThat(value(metrics, "gap_seconds_total", "egress").orElseThrow()).isBetween(2.0, 60.0);
        assertThat(value(metrics, "cpu_seconds_total", "egress")).isEmpty();
        assertThat(value(metrics, "resident_bytes", "egress")).isEmpty();
    }

    @Test
    void showsADaemonThatASignalEnded() {
        // Given
        supervisor.allStarted();
        supervisor.killed("pipelock", Signal.KILL, false);
        // When
        String metrics = metrics();
        // Then
        assertThat(deaths(metrics, "pipelock")).containsExactly(0.0, 1.0, 0.0, 0.0);
        assertThat(value(metrics, "last_exit_code", "pipelock")).hasValue(137.0);
    }

    @Test
    void showsADaemonThatCouldNotBeStarted() {
        // Given
        supervisor.happened(new Event.StartFailed("egress", 127, "/bin/egress", "No such file or directory"));
        // When
        String metrics = metrics();
        // Then
        assertThat(value(metrics, "starts_total", "egress")).hasValue(1.0);
        assertThat(deaths(metrics, "egress")).containsExactly(0.0, 0.0, 1.0, 0.0);
        assertThat(value(metrics, "last_exit_code", "egress")).hasValue(127.0);
    }

    @Test
    void showsADaemonThatWasStoppedForItsLiveness() {
        // Given
        supervisor.allStarted();
        supervisor.probed("git-gate", ProbeKind.LIVENESS, Optional.of("connection refused"));
        assertThat(value(metrics(), "up", "git-gate")).hasValue(1.0);
        supervisor.killed("git-gate", Signal.TERM, null);
        // When
        String metrics = metrics();
        // Then
        assertThat(deaths(metrics, "git-gate")).containsExactly(0.0, 0.0, 0.0, 1.0);
        assertThat(value(metrics, "up", "git-gate")).hasValue(0.0);
    }

    @Test
    void aDaemonThatRunsAndIsNotReadyIsUp() {
        // Given
        supervisor.allStarted();
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.of("connection refused"));
        // When
        String metrics = metrics();
        // Then
        assertThat(value(metrics, "up", "git-gate")).hasValue(1.0);
        assertThat(value(metrics, "ready", "git-gate")).hasValue(0.0);
    }

    @Test
    void showsWhatADaemonsProcessesUse() {
        // Given
        supervisor.started("egress", aLeader());
        // When
        String metrics = metrics();
        // Then
        assertThat(value(metrics, "cpu_seconds_total", "egress").orElseThrow()).isNotNegative();
        assertThat(value(metrics, "resident_bytes", "egress").orElseThrow()).isGreaterThan(100_000);
    }

    @Test
    void aDaemonWithoutProcessesHasNoUsage() {
        // Given: its death has not been reported yet
        supervisor.started("egress", NO_PROCESS);
        // When
        String metrics = metrics();
        // Then
        assertThat(value(metrics, "up", "egress")).hasValue(1.0);
        assertThat(value(metrics, "cpu_seconds_total", "egress")).isEmpty();
        assertThat(value(metrics, "resident_bytes", "egress")).isEmpty();
    }

    @Test
    void showsHowTheDeliveryOfEventsGoes() {
        assertThat(metrics())
                .contains("\nsidecar_notify_backlog 7.0\n")
                .contains("\nsidecar_notify_dropped_total 4.0\n");
    }

    @Test
    void hasNoDeliveryWithoutAReceiver() {
        supervisor.delivery = Optional.empty();
        assertThat(metrics()).doesNotContain("sidecar_notify");
    }

    @Test
    void openMetricsHasUnitsAndAnEnd() {
        // When
        String metrics = given().accept(OPEN_METRICS).get(uri).asString();
        // Then
        assertThat(metrics)
                .contains("# TYPE sidecar_daemon_gap_seconds counter", "# UNIT sidecar_daemon_gap_seconds seconds")
                .contains("\nsidecar_daemon_starts_total{daemon=\"egress\"} 1.0\n")
                .contains("\nsidecar_daemon_deaths_total{daemon=\"egress\",reason=\"exit\"} 0.0\n")
                .endsWith("\n# EOF\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/*",
                "",
                "text/*",
                "text/plain",
                "text/plain;version=0.0.4",
                "text/plain, application/openmetrics-text",
                "application/openmetrics-text;q=0.2,text/plain;version=0.0.4;q=0.3",
                "application/openmetrics-text;q=0.3,*/*;q=0.5",
                "application/openmetrics-text;q=0",
                "application/openmetrics-text;q=0, */*",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "application/json",
                "image/png",
                "text/html",
                "nonsense",
            })
    void answersTextUnlessAClientPrefersOpenMetrics(String accept) {
        given().header("Accept", accept).get(uri).then().statusCode(200).header("Content-Type", TEXT);
    }

    @Test
    void answersTextWithoutAccept() throws Exception {
        // REST Assured always sends an Accept
        try (HttpClient client = HttpClient.newHttpClient()) {
            var response = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
            assertThat(response.headers().firstValue("Content-Type")).hasValue(TEXT);
        }
    }

    /** The third is what Prometheus 2.42 sends, the fourth what version 3 sends. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/openmetrics-text",
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "application/openmetrics-text;version=0.0.1;q=0.4,"
                        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                "application/openmetrics-text, text/plain",
                "application/*",
                "text/plain;q=0, */*;q=0.1",
                "text/plain;q=0.1, */*;q=0.5",
            })
    void answersOpenMetricsToAClientThatPrefersIt(String accept) {
        given().header("Accept", accept).get(uri).then().statusCode(200).header("Content-Type", OPEN_METRICS);
    }

    @Test
    void hasTheSameHeadersForHead() {
        // When
        var head = when().head(uri);
        // Then
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.contentType()).isEqualTo(TEXT);
        assertThat(Integer.parseInt(head.header("Content-Length"))).isGreaterThan(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE"})
    void canOnlyBeRead(String method) {
        assertThat(when().request(method, uri).statusCode()).isEqualTo(405);
    }

    @Test
    void showsNoSecret() {
        supervisor.allStarted();
        assertThat(metrics()).doesNotContain(FakeSupervisor.SECRET, "TOKEN", "/bin/");
    }

    /** A process that leads a session, as daemons do. */
    private int aLeader() {
        return (int) leader.pid();
    }

    private static String metrics() {
        return given().accept("text/plain").get("/q/metrics").asString();
    }

    private static Optional<Double> value(String metrics, String name, String daemon) {
        return values(metrics, "sidecar_daemon_" + name + "{daemon=\"" + daemon + "\",} ").stream()
                .findFirst();
    }

    /** By exit, signal, start, liveness. */
    private static List<Double> deaths(String metrics, String daemon) {
        return List.of("exit", "signal", "start", "liveness").stream()
                .flatMap(reason -> values(
                        metrics, "sidecar_daemon_deaths_total{daemon=\"%s\",reason=\"%s\",} ".formatted(daemon, reason))
                        .stream())
                .toList();
    }

    private static List<Double> values(String metrics, String series) {
        return metrics.lines()
                .filter(line -> line.startsWith(series))
                .map(line -> Double.valueOf(line.substring(series.length())))
                .toList();
    }
}
