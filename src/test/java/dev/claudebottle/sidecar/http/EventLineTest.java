package dev.claudebottle.sidecar.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.events.CloudEvent;
import dev.claudebottle.sidecar.lifecycle.Notification.Type;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventLineTest {

    private static final String AT = "2026-11-22T15:00:10.456Z ";

    private static String line(Type type, JsonObject data) {
        Optional<String> subject = type.word().startsWith("bundle.") ? Optional.empty() : Optional.of("egress");
        JsonObject event = new JsonObject().put("time", AT.strip()).put("data", data);
        return EventLine.of(
                new CloudEvent(1, "x-1", type, subject, event.encode().getBytes(UTF_8)));
    }

    private static JsonObject data() {
        JsonObject data = new JsonObject().put("pid", 12).put("output", new JsonArray());
        for (String key : new String[] {"signal", "error", "oomKilled", "nextStartInSeconds", "gapSeconds"}) {
            data.putNull(key);
        }
        return data.put("code", 1).put("reason", "exit");
    }

    @ParameterizedTest
    @CsvSource({
        "BUNDLE_STARTED, bundle started",
        "BUNDLE_READY, bundle is ready",
        "BUNDLE_STOPPING, bundle is stopping",
        "DAEMON_STARTED, 'egress started, pid 12'",
        "DAEMON_READY, egress is ready",
        "DAEMON_EXITED, egress exited with code 1",
        "DAEMON_RESTARTING, egress restarting",
        "DAEMON_CRASH_LOOPING, egress is crash-looping"
    })
    void itIsTheTimeWhoAndWhat(Type type, String text) {
        assertThat(line(type, data())).isEqualTo(AT + text);
    }

    @Test
    void itNamesTheCauseTheDelayAndTheLengthOfTheGap() {
        assertThat(line(Type.DAEMON_UNREADY, data().put("error", "Connection refused")))
                .isEqualTo(AT + "egress is not ready: Connection refused");
        assertThat(line(Type.DAEMON_RESTARTING, data().put("nextStartInSeconds", 0.52)))
                .isEqualTo(AT + "egress restarting in 0.52 s");
        assertThat(line(Type.DAEMON_RECOVERED, data().put("gapSeconds", 12.0)))
                .isEqualTo(AT + "egress is ready again after 12.0 s");
    }

    @Test
    void anEndNamesItsSignalTheLackOfMemoryTheProbeAndTheFailedStart() {
        assertThat(line(
                        Type.DAEMON_EXITED,
                        data().put("code", 137).put("signal", "SIGKILL").put("oomKilled", true)))
                .isEqualTo(AT + "egress exited with code 137 (SIGKILL, out of memory)");
        assertThat(line(Type.DAEMON_EXITED, data().put("code", 0).put("reason", "liveness")))
                .isEqualTo(AT + "egress exited with code 0 (liveness)");
        assertThat(line(Type.DAEMON_EXITED, data().put("code", 127).put("error", "No such file or directory")))
                .isEqualTo(AT + "egress cannot be started: No such file or directory (code 127)");
    }

    @Test
    void whatTheOperatorAskedForIsPlanned() {
        assertThat(line(Type.DAEMON_EXITED, data().put("planned", true))).endsWith("exited with code 1 (planned)");
        assertThat(line(Type.DAEMON_RESTARTING, data().put("planned", true))).endsWith("egress restarting (planned)");
        assertThat(line(Type.DAEMON_RECOVERED, data().put("planned", true).put("gapSeconds", 0.5)))
                .endsWith("is ready again after 0.5 s (planned)");
    }

    @Test
    void anEndHasTheLastLineOfOutput() {
        JsonArray output = new JsonArray().add("one").add("MemoryError");
        assertThat(line(Type.DAEMON_EXITED, data().put("output", output)))
                .endsWith("exited with code 1; last words: MemoryError");
    }

    @Test
    void aLongLastLineIsCutAndNothingDrivesTheTerminal() {
        // Given: what the log would escape, as if it did not
        JsonArray output = new JsonArray().add("\u001b[2J\r\n\u009b\u202e\u00e9" + "x".repeat(500));
        // When
        String line = line(Type.DAEMON_EXITED, data().put("output", output));
        // Then
        assertThat(line)
                .matches("[ -~]{0,300}")
                .contains("\\u001b[2J\\u000d\\u000a\\u009b\\u202e\\u00e9xxx")
                .endsWith("xxx...");
    }
}
