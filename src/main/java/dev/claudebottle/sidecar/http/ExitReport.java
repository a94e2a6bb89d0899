package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.LastExit;
import dev.claudebottle.sidecar.lifecycle.UtcTime;
import io.vertx.core.json.JsonObject;

/**
 * The latest end of a daemon in {@code /status}.
 *
 * @param signal null if it exited by itself or could not be started
 * @param error why it could not be started; null if it ran
 * @param oomKilled null if that is unknown
 */
public record ExitReport(long code, String signal, String at, String error, Boolean oomKilled) {

    static ExitReport of(LastExit exit) {
        return new ExitReport(exit.code(), exit.signal(), UtcTime.format(exit.at()), exit.error(), exit.oomKilled());
    }

    static ExitReport of(JsonObject json) {
        return new ExitReport(
                json.getLong("code"),
                json.getString("signal"),
                json.getString("at"),
                json.getString("error"),
                json.getBoolean("oomKilled"));
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("code", code)
                .put("signal", signal)
                .put("at", at)
                .put("error", error)
                .put("oomKilled", oomKilled);
    }
}
