package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonLinesTest {

    @Test
    void aDaemonsLineHasTimeDaemonAndMessageAndNothingElse() throws Exception {
        // When
        String printed =
                PumpFixture.print(LogFormat.JSON, "say \"hi\" \\ \t\u001b \u00e9 \ud83d\ude3a\r\n".getBytes(UTF_8));

        // Then
        JsonObject line = new JsonObject(printed);
        assertThat(line.fieldNames()).containsExactly("time", "daemon", "message");
        assertThat(line.getString("daemon")).isEqualTo("a");
        assertThat(line.getString("message")).isEqualTo("say \"hi\" \\ \t\\x1b \u00e9 \ud83d\ude3a");
    }

    @Test
    void ourOwnLinesNameNoDaemonAndHaveALevel() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.JSON).read();

        // When
        fixture.pump.say(OwnLine.warning("cannot \"start\""));
        List<JsonObject> lines = fixture.finish().lines().map(JsonObject::new).toList();

        // Then
        assertThat(lines)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.fieldNames()).containsExactly("time", "level", "message"));
        assertThat(lines).extracting(line -> line.getString("message")).containsExactly("cannot \"start\"", "exit 0");
        assertThat(lines).extracting(line -> line.getString("level")).containsExactly("warning", "info");
    }

    @Test
    void eachLineOfAMessageHasAllFieldsThatApply() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.JSON).read();
        OwnLine line = new OwnLine(
                OwnLine.Level.ERROR,
                "one\ntwo",
                Notification.Type.DAEMON_EXITED,
                "egress",
                137,
                "SIGKILL",
                Duration.ofNanos(12_345_678_901L));

        // When
        fixture.pump.say(line);
        List<String> lines = fixture.finish().lines().toList();

        // Then
        String fields = "\"level\":\"error\",\"event\":\"daemon.exited\",\"subject\":\"egress\",\"code\":137,"
                + "\"signal\":\"SIGKILL\",\"seconds\":12.346,\"message\":";
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).endsWith("Z\"," + fields + "\"one\"}");
        assertThat(lines.get(1)).endsWith("Z\"," + fields + "\"two\"}");
    }

    @Test
    void eachLineSaysWhoWeAreWhereThatIsSet() throws Exception {
        // Given
        Identity identity = new Identity(Optional.of("b-17"), Optional.of("fleet"), Optional.of("b-17-guard-0"));
        PumpFixture fixture = PumpFixture.unread(LogFormat.JSON, identity).read();

        // When
        fixture.daemon("a").write("x\n".getBytes(UTF_8)).closeWriteEnd();
        List<JsonObject> lines = fixture.finish().lines().map(JsonObject::new).toList();
        List<JsonObject> afterAFault = new String(fixture.pump.ownLines(List.of(OwnLine.exit(70))), UTF_8)
                .lines()
                .map(JsonObject::new)
                .toList();

        // Then
        assertThat(lines.getFirst().fieldNames())
                .containsExactly("time", "bottle", "namespace", "pod", "daemon", "message");
        assertThat(lines.getLast().fieldNames())
                .containsExactly("time", "bottle", "namespace", "pod", "level", "message");
        assertThat(afterAFault.getFirst().fieldNames())
                .containsExactly("time", "bottle", "namespace", "pod", "level", "code", "message");
        assertThat(lines).hasSize(2).allSatisfy(line -> {
            assertThat(line.getString("bottle")).isEqualTo("b-17");
            assertThat(line.getString("namespace")).isEqualTo("fleet");
            assertThat(line.getString("pod")).isEqualTo("b-17-guard-0");
        });
    }

    @Test
    void whatIsNotSetIsNoField() throws Exception {
        // Given
        Identity identity = new Identity(Optional.empty(), Optional.of("fleet"), Optional.empty());
        PumpFixture fixture = PumpFixture.unread(LogFormat.JSON, identity).read();

        // When
        JsonObject line = new JsonObject(fixture.finish());

        // Then
        assertThat(line.fieldNames()).containsExactly("time", "namespace", "level", "message");
    }

    @Test
    void textDoesNotSayWhoWeAre() throws Exception {
        // Given
        Identity identity = new Identity(Optional.of("b-17"), Optional.of("fleet"), Optional.of("b-17-guard-0"));
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT, identity).read();

        // When
        fixture.daemon("a").write("x\n".getBytes(UTF_8)).closeWriteEnd();

        // Then
        assertThat(fixture.finish()).isEqualTo("[a] x\nsidecar-init: exit 0\n");
    }

    @Test
    void linesForTheEndAfterAFaultHaveTheSameForm() {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.JSON);
        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);

        // When
        List<JsonObject> lines = new String(
                        fixture.pump.ownLines(List.of(OwnLine.error("internal error"), OwnLine.exit(70))), UTF_8)
                .lines()
                .map(JsonObject::new)
                .toList();

        // Then
        assertThat(lines.get(0).fieldNames()).containsExactly("time", "level", "message");
        assertThat(lines.get(1).fieldNames()).containsExactly("time", "level", "code", "message");
        assertThat(lines.get(1).getInteger("code")).isEqualTo(70);
        assertThat(lines).extracting(line -> line.getString("message")).containsExactly("internal error", "exit 70");
        assertThat(lines)
                .allSatisfy(line ->
                        assertThat(Instant.parse(line.getString("time"))).isBetween(before, Instant.now()));
    }

    @Test
    void theTimeIsNowInUtcWithThreeDecimals() throws Exception {
        // When
        JsonObject line = new JsonObject(PumpFixture.print(LogFormat.JSON, "x\n".getBytes(UTF_8)));

        // Then
        assertThat(line.getString("time")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(Duration.between(Instant.parse(line.getString("time")), Instant.now())
                        .abs())
                .isLessThan(Duration.ofSeconds(30));
    }
}
