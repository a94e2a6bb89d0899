package dev.claudebottle.sidecar.http;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class StatusResourceTest {

    @Inject
    FakeSupervisor supervisor;

    @BeforeEach
    void reset() {
        supervisor.reset();
    }

    @Test
    void showsTheBundle() {
        // Given
        supervisor.allStarted();
        // When
        JsonObject status = status();
        // Then
        assertThat(status.fieldNames())
                .containsExactly(
                        "state",
                        "ready",
                        "failurePolicy",
                        "pid",
                        "startedAt",
                        "uptimeSeconds",
                        "orphansReaped",
                        "adopted",
                        "daemons");
        assertThat(status.getString("state")).isEqualTo("running");
        assertThat(status.getBoolean("ready")).isTrue();
        assertThat(status.getString("failurePolicy")).isEqualTo("leave");
        assertThat(status.getLong("pid")).isEqualTo(ProcessHandle.current().pid());
        assertThat(status.getString("startedAt")).isEqualTo("2026-11-22T15:00:00.123Z");
        assertThat(status.getDouble("uptimeSeconds")).isBetween(12.0, 60.0);
        assertThat(status.getLong("orphansReaped")).isEqualTo(3);
        assertThat(status.getLong("adopted")).isEqualTo(5);
        assertThat(status.getJsonArray("daemons"))
                .map(daemon -> ((JsonObject) daemon).getString("name"))
                .containsExactly("egress", "pipelock", "git-gate", "supervise");
    }

    @Test
    void tellsOurTime() {
        // Given
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        // When
        String date = when().get("/status").header("Date");
        // Then
        assertThat(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)))
                .isBetween(before, Instant.now());
    }

    @Test
    void showsADaemonThatRuns() {
        // Given
        supervisor.allStarted();
        // When / Then
        assertThat(daemon("egress").encode()).isEqualTo("""
                {"name":"egress","state":"running","ready":true,"pid":11,"startedAt":"2026-11-22T15:00:00.623Z",\
                "starts":1,"restarts":0,"failurePolicy":"leave","lastExit":null,"nextStartAt":null,\
                "readiness":null,"liveness":null,"crashLooping":false,\
                "gaps":{"open":false,"count":0,"seconds":0.0,"plannedSeconds":0.0}}""");
    }

    @Test
    void showsADaemonThatExited() {
        // Given
        supervisor.allStarted();
        supervisor.exited("egress", 1);
        // When
        JsonObject egress = daemon("egress");
        // Then
        double gap = (double) egress.getJsonObject("gaps").remove("seconds");
        assertThat(gap).isBetween(2.0, 60.0);
        assertThat(egress.encode()).isEqualTo("""
                {"name":"egress","state":"exited","ready":false,"pid":null,"startedAt":null,"starts":1,"restarts":0,\
                "failurePolicy":"leave","lastExit":{"code":1,"signal":null,"reason":"exit","at":"2026-11-22T15:00:10.123Z",\
                "error":null,"oomKilled":null},"nextStartAt":null,"readiness":null,"liveness":null,"crashLooping":false,\
                "gaps":{"open":true,"count":1,"plannedSeconds":0.0}}""");
        assertThat(status().getBoolean("ready")).isFalse();
        assertThat(status().getString("state")).isEqualTo("running");
    }

    @Test
    void sumsThePlannedGapOfARestartApart() {
        // Given
        supervisor.allStarted();
        supervisor.happened(new Event.RestartRequested("egress"));
        // When
        JsonObject egress = daemon("egress");
        // Then
        JsonObject gaps = egress.getJsonObject("gaps");
        assertThat((double) gaps.remove("plannedSeconds")).isBetween(2.0, 60.0);
        assertThat(gaps.encode()).isEqualTo("""
                {"open":true,"count":0,"seconds":0.0}""");
        assertThat(egress.getString("state")).isEqualTo("stopping");
    }

    @Test
    void showsADaemonThatASignalEnded() {
        // Given
        supervisor.allStarted();
        supervisor.killed("pipelock", Signal.KILL, true);
        // When / Then
        assertThat(daemon("pipelock").getJsonObject("lastExit").encode()).isEqualTo("""
                {"code":137,"signal":"SIGKILL","reason":"signal","at":"2026-11-22T15:00:10.123Z","error":null,"oomKilled":true}""");
    }

    @Test
    void showsADaemonThatCouldNotBeStarted() {
        // Given
        supervisor.started("egress", 11);
        supervisor.happened(new Event.StartFailed("pipelock", 127, "/bin/pipelock", "No such file or directory"));
        // When
        JsonObject pipelock = daemon("pipelock");
        // Then
        assertThat(pipelock.getString("state")).isEqualTo("exited");
        assertThat(pipelock.getLong("starts")).isEqualTo(1);
        assertThat(pipelock.getValue("pid")).isNull();
        assertThat(pipelock.getJsonObject("lastExit").encode()).isEqualTo("""
                {"code":127,"signal":null,"reason":"start","at":"2026-11-22T15:00:10.123Z",\
                "error":"No such file or directory",\
                "oomKilled":null}""");
    }

    @Test
    void showsADaemonThatRunsAndIsNotReady() {
        // Given
        supervisor.allStarted();
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.of("connection refused"));
        // When
        JsonObject gate = daemon("git-gate");
        // Then
        assertThat(gate.getString("state")).isEqualTo("starting");
        assertThat(gate.getBoolean("ready")).isFalse();
        assertThat(gate.getLong("pid")).isEqualTo(13);
        assertThat(gate.getValue("lastExit")).isNull();
        assertThat(gate.getJsonObject("gaps").getBoolean("open")).isTrue();
        assertThat(given().accept("text/plain").get("/status").asString())
                .contains("  readiness: connection refused\n");
    }

    @Test
    void showsTheLastAnswerOfEachProbe() {
        // Given
        supervisor.allStarted();
        supervisor.probed("git-gate", ProbeKind.LIVENESS, Optional.of("no answer within 1s"));
        // When
        JsonObject gate = daemon("git-gate");
        // Then
        assertThat(gate.getJsonObject("readiness").encode()).isEqualTo("""
                {"passed":true,"failure":null,"at":"2026-11-22T15:00:00.623Z"}""");
        assertThat(gate.getJsonObject("liveness").encode()).isEqualTo("""
                {"passed":false,"failure":"no answer within 1s","at":"2026-11-22T15:00:00.623Z"}""");
    }

    @Test
    void hasNoAnswerOfANewStartBeforeItsFirstProbe() {
        // Given
        supervisor.allStarted();
        supervisor.exited("git-gate", 1);
        supervisor.startedAgain("git-gate");
        // When / Then
        assertThat(daemon("git-gate").getValue("readiness")).isNull();
    }

    @Test
    void showsWhenADaemonWillBeStartedAgain() {
        // Given
        supervisor.allStarted();
        supervisor.exited("git-gate", 1);
        // When
        JsonObject gate = daemon("git-gate");
        // Then: half a second after its death, 10 % more or less
        assertThat(gate.getString("state")).isEqualTo("backoff");
        assertThat(gate.getValue("pid")).isNull();
        assertThat(gate.getString("nextStartAt"))
                .isBetween("2026-11-22T15:00:10.573Z", "2026-11-22T15:00:10.673Z")
                .matches("2026-11-22T15:00:10\\.\\d{3}Z");
        assertThat(gate.getBoolean("crashLooping")).isFalse();
        assertThat(given().accept("text/plain").get("/status").asString())
                .contains("  " + gate.getString("nextStartAt") + " (in 0 s)  ");
    }

    @Test
    void showsADaemonThatHasBeenStartedAgain() {
        // Given
        supervisor.allStarted();
        supervisor.exited("git-gate", 1);
        supervisor.startedAgain("git-gate");
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.empty());
        // When
        JsonObject gate = daemon("git-gate");
        // Then
        assertThat(gate.getString("state")).isEqualTo("running");
        assertThat(gate.getLong("starts")).isEqualTo(2);
        assertThat(gate.getLong("restarts")).isEqualTo(1);
        assertThat(gate.getLong("pid")).isEqualTo(15);
        assertThat(gate.getValue("nextStartAt")).isNull();
        assertThat(gate.getJsonObject("gaps").getBoolean("open")).isFalse();
        assertThat(gate.getJsonObject("gaps").getLong("count")).isEqualTo(1);
        assertThat(status().getBoolean("ready")).isTrue();
    }

    @Test
    void showsACrashLoopEvenWhileTheDaemonRuns() {
        // Given
        supervisor.allStarted();
        supervisor.crashLoop("git-gate");
        supervisor.startedAgain("git-gate");
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.empty());
        // When
        JsonObject gate = daemon("git-gate");
        // Then
        assertThat(gate.getBoolean("crashLooping")).isTrue();
        assertThat(gate.getBoolean("ready")).isTrue();
        assertThat(status().getBoolean("ready")).isFalse();
        assertThat(given().accept("text/plain").get("/status").asString())
                .contains("\ngit-gate   running, crash-looping  yes  ");
    }

    @Test
    void showsADaemonsOwnPolicy() {
        assertThat(daemon("supervise").getString("failurePolicy")).isEqualTo("teardown");
    }

    @Test
    void isNotReadyWhileStopping() {
        // Given
        supervisor.allStarted();
        supervisor.happened(new Event.StopRequested(Signal.TERM));
        // When
        JsonObject status = status();
        // Then
        assertThat(status.getString("state")).isEqualTo("stopping");
        assertThat(status.getBoolean("ready")).isFalse();
        assertThat(daemon("egress").getString("state")).isEqualTo("stopping");
        assertThat(daemon("egress").getLong("pid")).isEqualTo(11);
    }

    @Test
    void showsNoSecret() {
        // Given
        supervisor.allStarted();
        supervisor.exited("egress", 1);
        // When / Then
        assertThat(status().encode()).doesNotContain(FakeSupervisor.SECRET, "TOKEN", "/bin/");
        assertThat(given().accept("text/plain").get("/status").asString())
                .doesNotContain(FakeSupervisor.SECRET, "TOKEN", "/bin/");
    }

    @Test
    void ignoresAQuery() {
        when().get("/status?x=1").then().statusCode(200).contentType("application/json");
    }

    @Test
    void hasTheSameHeadersForHead() {
        // When
        var head = when().head("/status");
        // Then
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.contentType()).isEqualTo("application/json");
        assertThat(Integer.parseInt(head.header("Content-Length"))).isGreaterThan(500);
        assertThat(head.asString()).isEmpty();
    }

    @Test
    void textIsTheTable() {
        // Given
        supervisor.allStarted();
        // When
        var text = given().accept("text/plain").get("/status");
        // Then
        assertThat(text.statusCode()).isEqualTo(200);
        assertThat(text.contentType()).isEqualTo("text/plain");
        assertThat(text.asString().lines())
                .hasSize(6)
                .element(2)
                .asString()
                .startsWith("egress     running  yes    11 ");
    }

    private JsonObject daemon(String name) {
        return status().getJsonArray("daemons").stream()
                .map(JsonObject.class::cast)
                .filter(daemon -> daemon.getString("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static JsonObject status() {
        var response = when().get("/status");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.contentType()).isEqualTo("application/json");
        return new JsonObject(response.asString());
    }
}
