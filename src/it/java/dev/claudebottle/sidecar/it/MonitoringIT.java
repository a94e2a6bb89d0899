package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/monitoring and Prometheus' own tool make of the metrics of a program that has all of them. */
@NeedsNamespaces
class MonitoringIT {

    private static final Path DOCS = Path.of("docs");
    private static final Path MONITORING = DOCS.resolve("monitoring");
    private static final Path ALERTS = MONITORING.resolve("alerts.yml");
    private static final Path DASHBOARD = MONITORING.resolve("dashboard.json");
    private static final Pattern NAME = Pattern.compile("sidecar_[a-z_]*[a-z]");

    private static String text;
    private static String openMetrics;

    @TempDir
    private Path directory;

    @BeforeAll
    static void scrape() throws Exception {
        HttpServer guards = MetricsIT.guards(new AtomicBoolean());
        try (Program program =
                ProgramBuilder.of(MetricsIT.withAllMetrics(guards)).start()) {
            program.awaitState("git-gate", "exited");
            program.awaitThat("all metrics", () -> {
                text = program.http.get("/q/metrics").body();
                return text.contains("sidecar_approvals_pending") && text.contains("sidecar_credential_available");
            });
            openMetrics = program.http
                    .get("/q/metrics", "Accept", "application/openmetrics-text")
                    .body();
        } finally {
            guards.stop(0);
        }
    }

    @AfterAll
    static void forget() {
        text = null;
        openMetrics = null;
    }

    @Test
    void everyMetricThatTheDocumentsNameExists() throws Exception {
        for (Path file : List.of(
                ALERTS,
                MONITORING.resolve("alerts_test.yml"),
                DASHBOARD,
                MONITORING.resolve("README.md"),
                DOCS.resolve("operating.md"),
                DOCS.resolve("guards.md"),
                DOCS.resolve("a-guard-died.md"))) {
            assertThat(names(Files.readString(file)))
                    .describedAs(file.toString())
                    .isSubsetOf(metrics());
        }
    }

    @Test
    void theDashboardAndTheReferenceLeaveNoMetricOut() throws Exception {
        assertThat(names(Files.readString(DASHBOARD))).isEqualTo(metrics());
        assertThat(names(Files.readString(DOCS.resolve("operating.md")))).containsAll(metrics());
    }

    @Test
    void theDashboardsPanelsHaveTheirOwnPlacesAndAChosenDataSource() throws Exception {
        // Given
        JsonPath dashboard = JsonPath.from(Files.readString(DASHBOARD));
        List<Map<String, Object>> panels = dashboard.getList("panels");

        // Then
        Set<String> cells = new HashSet<>();
        Set<Object> ids = new HashSet<>();
        for (Map<String, Object> panel : panels) {
            assertThat(ids.add(panel.get("id"))).isTrue();
            assertThat(panel.get("datasource")).isEqualTo(Map.of("type", "prometheus", "uid", "${datasource}"));
            @SuppressWarnings("unchecked")
            Map<String, Integer> place = (Map<String, Integer>) panel.get("gridPos");
            assertThat(place.get("x") + place.get("w")).isLessThanOrEqualTo(24);
            for (int x = 0; x < place.get("w"); x++) {
                for (int y = 0; y < place.get("h"); y++) {
                    assertThat(cells.add((place.get("x") + x) + "," + (place.get("y") + y)))
                            .describedAs(panel.get("title") + " has a place of its own")
                            .isTrue();
                }
            }
        }
        assertThat(dashboard.getList("templating.list.name")).containsExactly("datasource", "instance", "daemon");
    }

    @Test
    void promtoolFindsNoFaultWithTheText() throws Exception {
        assertThat(promtool(text, "check", "metrics")).isEmpty();
    }

    /** It can only read OpenMetrics from a file with times, for which it makes blocks. */
    @Test
    void promtoolReadsTheOpenMetrics() throws Exception {
        String timed = openMetrics.replaceAll("(?m)^([^#\n].*)$", "$1 1700000000");
        Path file = Files.writeString(directory.resolve("metrics"), timed);
        Path blocks = directory.resolve("blocks");
        assertThat(promtool("", "tsdb", "create-blocks-from", "openmetrics", file.toString(), blocks.toString()))
                .contains("NUM SAMPLES");
    }

    @Test
    void promtoolFindsNoFaultWithTheRulesAndTheDashboardsQueries() throws Exception {
        // Given
        List<String> queries = JsonPath.from(Files.readString(DASHBOARD)).getList("panels.targets.expr.flatten()");
        StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
        for (int number = 0; number < queries.size(); number++) {
            String query = queries.get(number).replaceAll("\\$__[a-z_]+", "5m").replace("'", "''");
            rules.append("  - {record: 'query_" + number + "', expr: '" + query + "'}\n");
        }
        Path file = Files.writeString(directory.resolve("rules.yml"), rules);

        // Then
        promtool("", "check", "rules", file.toString());
        promtool("", "check", "rules", ALERTS.toString());
        promtool("", "test", "rules", MONITORING.resolve("alerts_test.yml").toString());
    }

    private static Set<String> metrics() {
        return text.lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.split(" ")[2])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(String document) {
        Matcher name = NAME.matcher(document);
        Set<String> names = new TreeSet<>();
        while (name.find()) {
            names.add(name.group());
        }
        return names;
    }

    /** Its output. Fails when it finds a fault. */
    private static String promtool(String input, String... arguments) throws IOException, InterruptedException {
        assumeTrue(LinuxProcess.exists("promtool"), "promtool is not here (package prometheus)");
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(input.getBytes(UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).describedAs(output).isZero();
        return output;
    }
}
