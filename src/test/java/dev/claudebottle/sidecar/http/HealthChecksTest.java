package dev.claudebottle.sidecar.http;

import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class HealthChecksTest {

    @Inject
    FakeSupervisor supervisor;

    @BeforeEach
    void reset() {
        supervisor.reset();
    }

    @Test
    void theSupervisorIsUpWhileItsQueueMoves() {
        supervisor.longestWait(Duration.ofSeconds(5));
        assertThat(checks("/q/health/live", 200)).isEqualTo(Map.of("supervisor", "{\"status\":\"UP\"}"));
    }

    @Test
    void theSupervisorIsDownWhenSomethingHasWaitedForOverFiveSeconds() {
        supervisor.longestWait(Duration.ofMillis(5001));
        assertThat(checks("/q/health/live", 503)).isEqualTo(Map.of("supervisor", "{\"status\":\"DOWN\"}"));
    }

    @Test
    void theSupervisorsCheckRunsOnTheEventLoop() {
        checks("/q/health/live", 200);
        assertThat(supervisor.longestWaitCaller).contains("eventloop");
    }

    @Test
    void aDaemonThatRunsIsUp() {
        // Given
        supervisor.allStarted();
        // When
        var ready = checks("/q/health/ready", 200);
        // Then
        assertThat(ready).containsOnlyKeys("egress", "git-gate", "pipelock", "supervise");
        assertThat(ready.get("egress")).isEqualTo("""
                {"status":"UP","data":{"state":"running","restarts":0,"pid":11}}""");
    }

    @Test
    void aDaemonThatHasNotBeenStartedIsDown() {
        assertThat(checks("/q/health/ready", 503).get("egress")).isEqualTo("""
                {"status":"DOWN","data":{"state":"starting","restarts":0}}""");
    }

    @Test
    void aDaemonThatExitedIsDownAndTheOthersAreUp() {
        // Given
        supervisor.allStarted();
        supervisor.exited("egress", 0);
        // When
        var ready = checks("/q/health/ready", 503);
        // Then
        assertThat(ready.get("egress")).isEqualTo("""
                {"status":"DOWN","data":{"state":"exited","restarts":0,"lastExit":"0"}}""");
        assertThat(ready.get("pipelock")).startsWith("{\"status\":\"UP\"");
    }

    @Test
    void theLastExitNamesTheSignal() {
        // Given
        supervisor.allStarted();
        supervisor.killed("pipelock", Signal.KILL, null);
        // When / Then
        assertThat(checks("/q/health/ready", 503).get("pipelock")).isEqualTo("""
                {"status":"DOWN","data":{"state":"exited","restarts":0,"lastExit":"137 (SIGKILL)"}}""");
    }

    @Test
    void theLastExitSaysThatTheMemoryWasUsedUp() {
        // Given
        supervisor.allStarted();
        supervisor.killed("pipelock", Signal.KILL, true);
        // When / Then
        assertThat(checks("/q/health/ready", 503).get("pipelock"))
                .contains("\"lastExit\":\"137 (SIGKILL, out of memory)\"");
    }

    @Test
    void aDaemonThatRunsAndIsNotReadyIsDown() {
        // Given
        supervisor.allStarted();
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.of("HTTP 502"));
        // When / Then
        assertThat(checks("/q/health/ready", 503).get("git-gate")).isEqualTo("""
                {"status":"DOWN","data":{"state":"starting","restarts":0,"pid":13,"readiness":"HTTP 502"}}""");
    }

    @Test
    void theLastAnswersOfBothProbesAreThere() {
        // Given
        supervisor.allStarted();
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.of("HTTP 502"));
        supervisor.probed("git-gate", ProbeKind.LIVENESS, Optional.empty());
        // When / Then
        assertThat(checks("/q/health/ready", 503).get("git-gate")).isEqualTo("""
                {"status":"DOWN","data":{"state":"starting","restarts":0,"pid":13,"readiness":"HTTP 502",\
                "liveness":"passed"}}""");
    }

    @Test
    void aDaemonThatWillBeStartedAgainIsDown() {
        // Given
        supervisor.allStarted();
        supervisor.exited("git-gate", 1);
        // When / Then
        assertThat(checks("/q/health/ready", 503).get("git-gate")).isEqualTo("""
                {"status":"DOWN","data":{"state":"backoff","restarts":0,"lastExit":"1"}}""");
    }

    @Test
    void aDaemonThatHasBeenStartedAgainIsUp() {
        // Given
        supervisor.allStarted();
        supervisor.exited("git-gate", 1);
        supervisor.startedAgain("git-gate");
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.empty());
        // When / Then
        assertThat(checks("/q/health/ready", 200).get("git-gate")).isEqualTo("""
                {"status":"UP","data":{"state":"running","restarts":1,"pid":15,"lastExit":"1","readiness":"passed"}}""");
    }

    @Test
    void aDaemonThatIsCrashLoopingIsDownEvenWhileItRuns() {
        // Given
        supervisor.allStarted();
        supervisor.crashLoop("git-gate");
        supervisor.startedAgain("git-gate");
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.empty());
        // When / Then
        assertThat(checks("/q/health/ready", 503).get("git-gate")).isEqualTo("""
                {"status":"DOWN","data":{"state":"running","restarts":5,"pid":15,"lastExit":"1","readiness":"passed"}}""");
    }

    @Test
    void aDaemonThatIsStoppingIsDown() {
        // Given
        supervisor.allStarted();
        supervisor.happened(new Event.StopRequested(Signal.TERM));
        // When / Then
        assertThat(checks("/q/health/ready", 503).get("egress")).isEqualTo("""
                {"status":"DOWN","data":{"state":"stopping","restarts":0,"pid":11}}""");
    }

    @Test
    void theBundleHasNotStartedUntilEveryDaemonHasRun() {
        // Given
        supervisor.started("egress", 11);
        supervisor.started("pipelock", 12);
        supervisor.started("git-gate", 13);
        // When / Then
        assertThat(checks("/q/health/started", 503)).isEqualTo(Map.of("bundle", "{\"status\":\"DOWN\"}"));
    }

    @Test
    void theBundleHasStartedEvenIfADaemonIsDeadAgain() {
        // Given
        supervisor.allStarted();
        supervisor.exited("egress", 1);
        // When / Then
        assertThat(checks("/q/health/started", 200)).isEqualTo(Map.of("bundle", "{\"status\":\"UP\"}"));
    }

    @Test
    void healthIsAllOfThem() {
        // Given
        supervisor.allStarted();
        // When / Then
        assertThat(checks("/q/health", 200).keySet())
                .containsExactlyInAnyOrder("bundle", "egress", "git-gate", "pipelock", "supervise", "supervisor")
                .endsWith("egress", "pipelock", "git-gate", "supervise");
    }

    @Test
    void theChecksHaveTheBundlesOrder() {
        supervisor.allStarted();
        assertThat(checks("/q/health/ready", 200).keySet())
                .containsExactly("egress", "pipelock", "git-gate", "supervise");
    }

    @Test
    void healthShowsNoSecret() {
        assertThat(when().get("/q/health").asString()).doesNotContain(FakeSupervisor.SECRET, "TOKEN", "/bin/");
    }

    @Test
    void headWorksToo() {
        supervisor.allStarted();
        when().head("/q/health/ready").then().statusCode(200);
        supervisor.exited("egress", 1);
        when().head("/q/health/ready").then().statusCode(503);
    }

    /** The checks by name. */
    private static Map<String, String> checks(String path, int code) {
        var response = when().get(path);
        assertThat(response.statusCode()).isEqualTo(code);
        JsonObject health = new JsonObject(response.asString());
        assertThat(health.getString("status")).isEqualTo(code == 200 ? "UP" : "DOWN");
        Map<String, String> checks = new LinkedHashMap<>();
        for (Object each : health.getJsonArray("checks")) {
            JsonObject check = (JsonObject) each;
            checks.put((String) check.remove("name"), check.encode());
        }
        return checks;
    }
}
