package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.QUICK;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code /q/metrics}. */
@NeedsNamespaces
class MetricsIT {

    private static final List<String> REASONS = List.of("exit", "signal", "start", "liveness");

    /** By name and labels, {@code sidecar_daemon_up{daemon="egress"}}. */
    private static Map<String, Double> metrics(Program program) {
        return program.http
                .get("/q/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("sidecar_"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.lastIndexOf(' ')).replace(",}", "}"),
                        line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)),
                        (one, other) -> {
                            throw new AssertionError("twice the same metric");
                        },
                        TreeMap::new));
    }

    /**
     * Stands in for the servers of supervise and egress: two requests wait, and of two credentials one has no value. It does not answer while it
     * hangs.
     */
    static HttpServer guards(AtomicBoolean hangs) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Map.of("/approvals/count", "2\n", "/credentials", "api.anthropic.com 1 3 0\napi.example.com:8443 0 0 1\n")
                .forEach((path, text) -> server.createContext(path, exchange -> {
                    if (!hangs.get()) {
                        byte[] body = text.getBytes(US_ASCII);
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    }
                }));
        server.start();
        return server;
    }

    static BundleText withAllMetrics(HttpServer guards) {
        int port = guards.getAddress().getPort();
        return bundle("notify: {url: \"http://127.0.0.1:1/\"}")
                .daemon("egress", OBEDIENT, "environment: {EGRESS_PORT: " + port + "}")
                .daemon("git-gate", "exit 3")
                .daemon("supervise", OBEDIENT, "environment: {SUPERVISE_OPERATOR_PORT: " + port + "}");
    }

    private static String of(String metric, String daemon) {
        return "sidecar_daemon_" + metric + "{daemon=\"" + daemon + "\"}";
    }

    private static String deaths(String daemon, String reason) {
        return "sidecar_daemon_deaths_total{daemon=\"" + daemon + "\",reason=\"" + reason + "\"}";
    }

    private static String rejections(String host, int status) {
        return "sidecar_credential_rejections_total{host=\"" + host + "\",status=\"" + status + "\"}";
    }

    @Test
    void theNamesAndLabelsAreAsDocumented() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("git-gate", "exit 3");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            program.awaitState("git-gate", "exited");
            Map<String, Double> metrics = metrics(program);

            // Then
            Set<String> names = metrics.keySet().stream()
                    .map(key -> key.replaceAll("\\{.*", ""))
                    .collect(Collectors.toSet());
            assertThat(names)
                    .containsExactlyInAnyOrder(
                            "sidecar_daemon_up",
                            "sidecar_daemon_ready",
                            "sidecar_daemon_starts_total",
                            "sidecar_daemon_deaths_total",
                            "sidecar_daemon_last_exit_code",
                            "sidecar_daemon_gap_seconds_total",
                            "sidecar_daemon_planned_gap_seconds_total",
                            "sidecar_daemon_cpu_seconds_total",
                            "sidecar_daemon_resident_bytes",
                            "sidecar_daemon_log_lines_total",
                            "sidecar_daemon_log_bytes_total",
                            "sidecar_info",
                            "sidecar_orphans_reaped_total",
                            "sidecar_adopted_processes",
                            "sidecar_log_dropped_lines_total");
            assertThat(metrics)
                    .containsEntry(of("up", "egress"), 1.0)
                    .containsEntry(of("ready", "egress"), 1.0)
                    .containsEntry(of("starts_total", "egress"), 1.0)
                    .containsEntry(of("gap_seconds_total", "egress"), 0.0)
                    .doesNotContainKey(of("last_exit_code", "egress"))
                    .containsEntry(of("up", "git-gate"), 0.0)
                    .containsEntry(of("ready", "git-gate"), 0.0)
                    .containsEntry(of("last_exit_code", "git-gate"), 3.0)
                    .containsEntry(deaths("git-gate", "exit"), 1.0)
                    .containsEntry("sidecar_log_dropped_lines_total", 0.0);
            assertThat(metrics.get(of("resident_bytes", "egress"))).isGreaterThan(50_000);
            assertThat(metrics.get(of("gap_seconds_total", "git-gate"))).isGreaterThan(0);
            assertThat(REASONS).allSatisfy(reason -> assertThat(metrics).containsEntry(deaths("egress", reason), 0.0));
        }
    }

    @Test
    void startsAreCountedAndDeathsByTheirReason() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("exits", "exit 0")
                .daemon("killed", "kill -KILL $$")
                .command("missing", List.of("/no/such/program"))
                .daemon(
                        "hangs",
                        OBEDIENT,
                        "liveness: {exec: [\"false\"], period: 50ms, timeout: 5s, failure_threshold: 1}")
                .daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            for (String dead : List.of("exits", "killed", "missing", "hangs")) {
                program.awaitState(dead, "exited");
            }
            Map<String, Double> metrics = metrics(program);

            // Then
            Map<String, String> reasons =
                    Map.of("exits", "exit", "killed", "signal", "missing", "start", "hangs", "liveness");
            reasons.forEach((daemon, own) -> REASONS.forEach(reason ->
                    assertThat(metrics).containsEntry(deaths(daemon, reason), reason.equals(own) ? 1.0 : 0.0)));
            assertThat(metrics)
                    .containsEntry(of("last_exit_code", "exits"), 0.0)
                    .containsEntry(of("last_exit_code", "killed"), 137.0)
                    .containsEntry(of("last_exit_code", "missing"), 127.0)
                    .containsEntry(of("last_exit_code", "hangs"), 143.0)
                    .containsEntry(of("starts_total", "missing"), 1.0);
        }
    }

    @Test
    void countersIncreaseWithWhatHappens() throws Exception {
        // Given: 100 lines of 10 bytes and a newline, some work, two orphans
        String script = "i=100; while [ $i -lt 200 ]; do echo 1234567$i; i=$((i+1)); done;"
                + " i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; (true &); (true &); exec sleep 1000";
        BundleText bundle = bundle("failure_policy: restart", QUICK).daemon("egress", script);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            program.awaitThat("orphans", () -> program.http.status().getInt("orphansReaped") == 2);
            Map<String, Double> before = metrics(program);
            program.kill("egress");
            program.awaitStart("egress", 2);
            program.awaitThat("orphans", () -> program.http.status().getInt("orphansReaped") == 4);
            Map<String, Double> after = metrics(program);

            // Then
            assertThat(before)
                    .containsEntry(of("log_lines_total", "egress"), 100.0)
                    .containsEntry(of("log_bytes_total", "egress"), 1100.0)
                    .containsEntry("sidecar_orphans_reaped_total", 2.0)
                    .containsEntry(of("starts_total", "egress"), 1.0);
            assertThat(before.get(of("cpu_seconds_total", "egress"))).isGreaterThan(0);
            assertThat(after)
                    .containsEntry(of("log_lines_total", "egress"), 200.0)
                    .containsEntry(of("log_bytes_total", "egress"), 2200.0)
                    .containsEntry("sidecar_orphans_reaped_total", 4.0)
                    .containsEntry(of("starts_total", "egress"), 2.0)
                    .containsEntry(deaths("egress", "signal"), 1.0)
                    .containsEntry(of("last_exit_code", "egress"), 137.0)
                    .containsEntry(of("up", "egress"), 1.0);
            assertThat(after.get(of("gap_seconds_total", "egress"))).isGreaterThan(0);
        }
    }

    @Test
    void itIsPrometheusTextAndOpenMetricsOnRequest() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            HttpResponse<String> open =
                    program.http.get("/q/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
            HttpResponse<String> plain = program.http.get("/q/metrics");

            // Then
            assertThat(open.statusCode()).isEqualTo(200);
            assertThat(open.headers().firstValue("Content-Type").orElse("")).startsWith("application/openmetrics-text");
            assertThat(open.body()).endsWith("# EOF\n").contains("sidecar_daemon_up{daemon=\"egress\"");
            assertThat(plain.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
            assertThat(plain.body()).doesNotContain("# EOF").contains("sidecar_daemon_up{daemon=\"egress\"");
        }
    }

    @Test
    void daemonsThatAreNotSelectedAppearNowhere() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);

        // When
        try (Program program =
                ProgramBuilder.of(bundle).with("--daemons", "egress").start()) {
            program.awaitHttp();

            // Then
            assertThat(program.http.get("/q/metrics").body()).contains("egress").doesNotContain("pipelock");
        }
    }

    @Test
    void itShowsWhatGuardsTellAndComesWithoutThatWhenTheyHang() throws Exception {
        // Given
        AtomicBoolean hang = new AtomicBoolean();
        HttpServer guards = guards(hang);
        Map<String, Double> told = Map.of(
                "sidecar_approvals_pending",
                2.0,
                "sidecar_credential_available{host=\"api.anthropic.com\"}",
                1.0,
                "sidecar_credential_available{host=\"api.example.com:8443\"}",
                0.0,
                rejections("api.anthropic.com", 401),
                3.0,
                rejections("api.anthropic.com", 403),
                0.0,
                rejections("api.example.com:8443", 401),
                0.0,
                rejections("api.example.com:8443", 403),
                1.0);

        // When
        try (Program program = ProgramBuilder.of(withAllMetrics(guards)).start()) {
            program.awaitState("git-gate", "exited");
            program.awaitThat("both answers", () -> metrics(program).keySet().containsAll(told.keySet()));
            Map<String, Double> before = metrics(program);
            hang.set(true);
            Map<String, Double> after = metrics(program);

            // Then
            assertThat(before).containsAllEntriesOf(told);
            assertThat(after.keySet())
                    .doesNotContainAnyElementsOf(told.keySet())
                    .hasSize(before.size() - told.size());
        } finally {
            guards.stop(0);
        }
    }

    @Test
    void eventsThatWaitAndEventsThatWereRefusedAreCounted() throws Exception {
        // Given: under leave, each death makes one event
        try (Receiver receiver = Receiver.answering(earlier -> earlier == 0 ? 400 : 503)) {
            BundleText bundle = bundle("notify: {url: \"" + receiver.url("/") + "\"}")
                    .daemon("egress", OBEDIENT)
                    .daemon("pipelock", OBEDIENT)
                    .daemon("git-gate", OBEDIENT)
                    .daemon("survivor", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitUp("survivor");
                program.awaitHttp();
                assertThat(metrics(program))
                        .containsEntry("sidecar_notify_backlog", 0.0)
                        .containsEntry("sidecar_notify_dropped_total", 0.0);
                for (String daemon : List.of("egress", "pipelock", "git-gate")) {
                    program.kill(daemon);
                    program.awaitState(daemon, "exited");
                }

                // Then
                program.awaitThat("a refused event", () -> metrics(program).get("sidecar_notify_dropped_total") == 1);
                program.awaitThat("two that wait", () -> metrics(program).get("sidecar_notify_backlog") == 2);
            }
        }
    }
}
