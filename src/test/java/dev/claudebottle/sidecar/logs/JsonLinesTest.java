package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.LogFormat;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
    void ourOwnLinesNameNoDaemon() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.JSON).read();

        // When
        fixture.pump.say("starting \"egress\"");
        List<JsonObject> lines = fixture.finish().lines().map(JsonObject::new).toList();

        // Then
        assertThat(lines)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.fieldNames()).containsExactly("time", "message"));
        assertThat(lines)
                .extracting(line -> line.getString("message"))
                .containsExactly("starting \"egress\"", "exit 0");
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
