package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /status}. */
@NeedsNamespaces
class StatusIT {

    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

    @Test
    void everyKeyIsPresentAndAbsentValuesAreNull() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "exit 1")
                .daemon("killed", "kill -KILL $$")
                .command("missing", List.of("/no/such/program"), "failure_policy: leave")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock");
            program.awaitThat(
                    "three deaths",
                    () -> program.http
                                    .status()
                                    .getList("daemons.findAll { it.lastExit }")
                                    .size()
                            == 3);
            JsonPath status = program.http.status();

            // Then
            Map<String, Object> top = status.get("$");
            assertThat(top)
                    .containsOnlyKeys(
                            "state",
                            "ready",
                            "failurePolicy",
                            "pid",
                            "startedAt",
                            "uptimeSeconds",
                            "orphansReaped",
                            "adopted",
                            "daemons")
                    .containsEntry("state", "running")
                    .containsEntry("ready", false)
                    .containsEntry("failurePolicy", "leave")
                    .containsEntry("pid", 1);
            assertThat((String) top.get("startedAt")).matches(TIME);
            List<Map<String, Object>> daemons = status.getList("daemons");
            assertThat(daemons)
                    .extracting(daemon -> daemon.get("name"))
                    .containsExactly("egress", "killed", "missing", "pipelock");
            assertThat(daemons).allSatisfy(daemon -> {
                assertThat(daemon)
                        .containsOnlyKeys(
                                "name",
                                "state",
                                "ready",
                                "pid",
                                "startedAt",
                                "starts",
                                "restarts",
                                "failurePolicy",
                                "lastExit",
                                "nextStartAt",
                                "readiness",
                                "liveness",
                                "crashLooping",
                                "gaps")
                        .containsEntry("starts", 1)
                        .containsEntry("restarts", 0)
                        .containsEntry("nextStartAt", null)
                        .containsEntry("readiness", null)
                        .containsEntry("liveness", null)
                        .containsEntry("crashLooping", false);
            });
            Map<String, Object> egress = daemons.getFirst();
            assertThat(egress)
                    .containsEntry("state", "exited")
                    .containsEntry("pid", null)
                    .containsEntry("startedAt", null);
            assertThat(status.getMap("daemons[0].lastExit"))
                    .containsOnlyKeys("code", "signal", "reason", "at", "error", "oomKilled")
                    .containsEntry("code", 1)
                    .containsEntry("reason", "exit")
                    .containsEntry("signal", null)
                    .containsEntry("error", null);
            assertThat(status.getString("daemons[0].lastExit.at")).matches(TIME);
            assertThat(status.getMap("daemons[0].gaps"))
                    .containsOnlyKeys("open", "count", "seconds", "plannedSeconds")
                    .containsEntry("open", true)
                    .containsEntry("count", 1);
            assertThat(status.getMap("daemons[1].lastExit"))
                    .containsEntry("code", 137)
                    .containsEntry("signal", "SIGKILL")
                    .containsEntry("reason", "signal");
            assertThat(status.getMap("daemons[2].lastExit"))
                    .containsEntry("code", 127)
                    .containsEntry("reason", "start")
                    .containsEntry("error", "No such file or directory");
            assertThat(daemons.get(3))
                    .containsEntry("state", "running")
                    .containsEntry("ready", true)
                    .containsEntry("lastExit", null);
            assertThat(status.getMap("daemons[3].gaps"))
                    .containsEntry("open", false)
                    .containsEntry("count", 0);
            assertThat(status.getString("daemons[3].startedAt")).matches(TIME);
        }
    }

    @Test
    void thePidIsThatOfTheRunningDaemonAndNullAfterItsDeath() throws Exception {
        // Given
        BundleText bundle =
                bundle().daemon("egress", "echo $$; echo up; exec sleep 1000").daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitThat("http", program.http::answers);
            int pid = program.http.<Integer>daemon("egress", "pid");

            // Then
            assertThat(program.linesOf("egress").getFirst()).isEqualTo(Integer.toString(pid));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "text/html", "application/json", "image/png"})
    void itIsJsonWhateverTheAcceptHeader(String accept) throws Exception {
        // Given
        try (Program program =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).start()) {
            program.awaitThat("http", program.http::answers);

            // When
            HttpResponse<String> answer = program.http.get("/status", "Accept", accept);

            // Then
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
            assertThat(JsonPath.from(answer.body()).getBoolean("ready")).isTrue();
        }
    }

    @Test
    void asPlainTextItIsTheTableOfTheStatusCommand() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("http", program.http::answers);
            HttpResponse<String> answer = program.http.get("/status", "Accept", "text/plain");
            try (Program command =
                    ProgramBuilder.of("status").port(program.http.port()).start()) {
                int code = command.exitCode();

                // Then: the same but for the ages
                assertThat(code).isZero();
                assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                        .startsWith("text/plain");
                assertThat(answer.body().lines().map(StatusIT::withoutAges).toList())
                        .isEqualTo(command.lines().stream()
                                .map(StatusIT::withoutAges)
                                .toList());
            }
        }
    }

    @Test
    void httpStaysUpDuringTheStop() throws Exception {
        // Given
        BundleText bundle =
                bundle("stop_grace_period: 60s").daemon("deaf", IGNORES_TERM).daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("deaf", "egress");
            program.awaitThat("http", program.http::answers);
            program.signal("TERM");
            program.awaitThat(
                    "the stop", () -> program.http.daemon("egress", "state").equals("exited"));
            JsonPath status = program.http.status();

            // Then
            assertThat(status.getString("state")).isEqualTo("stopping");
            assertThat(status.getBoolean("ready")).isFalse();
            assertThat(status.getString("daemons[0].state")).isEqualTo("stopping");
            assertThat(status.getBoolean("daemons[1].gaps.open")).isFalse();
            assertThat(status.getInt("daemons[1].gaps.count")).isZero();
            assertThat(program.http.health("ready")).isEqualTo(503);
            assertThat(program.http.health("live")).isEqualTo(200);
        }
    }

    /** Of the table's times, and of the spaces that align it. */
    private static String withoutAges(String line) {
        return line.replaceAll(" \\([0-9a-z ]+\\)", "").replaceAll(" +", " ");
    }
}
