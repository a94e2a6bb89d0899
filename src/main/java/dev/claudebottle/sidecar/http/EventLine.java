package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.events.CloudEvent;
import dev.claudebottle.sidecar.lifecycle.ExitReason;
import dev.claudebottle.sidecar.lifecycle.LastExit;
import dev.claudebottle.sidecar.lifecycle.Seconds;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** An event as one line for people, in the words of our log and in plain ASCII. */
final class EventLine {

    /** Of the last line of output: it says what, and the event itself has the rest. */
    private static final int LONGEST_OUTPUT = 160;

    private EventLine() {}

    static String of(CloudEvent event) {
        JsonObject json = new JsonObject(event.json());
        JsonObject data = json.getJsonObject("data");
        return Ascii.line(json.getString("time") + " " + event.subject().orElse("bundle") + " " + what(event, data));
    }

    private static String what(CloudEvent event, JsonObject data) {
        return switch (event.type()) {
            case BUNDLE_STARTED -> "started";
            case BUNDLE_READY, DAEMON_READY -> "is ready";
            case BUNDLE_STOPPING -> "is stopping";
            case DAEMON_STARTED -> "started, pid " + data.getValue("pid");
            case DAEMON_UNREADY -> "is not ready: " + data.getString("error");
            case DAEMON_EXITED -> end(data) + planned(data) + lastWords(data);
            case DAEMON_RESTARTING -> "restarting" + delay(data) + planned(data);
            case DAEMON_CRASH_LOOPING -> "is crash-looping";
            case DAEMON_RECOVERED -> "is ready again after " + seconds(data, "gapSeconds") + planned(data);
        };
    }

    private static String end(JsonObject data) {
        String code = LastExit.text(
                data.getLong("code"),
                data.getString("signal"),
                data.getBoolean("oomKilled"),
                ExitReason.LIVENESS.word().equals(data.getString("reason")));
        String error = data.getString("error");
        return error == null ? "exited with code " + code : "cannot be started: " + error + " (code " + code + ")";
    }

    /** The operator asked for it. */
    private static String planned(JsonObject data) {
        return data.getBoolean("planned", false) ? " (planned)" : "";
    }

    private static String delay(JsonObject data) {
        return data.getNumber("nextStartInSeconds") == null ? "" : " in " + seconds(data, "nextStartInSeconds");
    }

    private static String seconds(JsonObject data, String key) {
        return Seconds.of(data.getNumber(key)).toPlainString() + " s";
    }

    private static String lastWords(JsonObject data) {
        JsonArray output = data.getJsonArray("output");
        if (output.isEmpty()) {
            return "";
        }
        String last = output.getString(output.size() - 1);
        return "; last words: " + (last.length() > LONGEST_OUTPUT ? last.substring(0, LONGEST_OUTPUT) + "..." : last);
    }
}
