package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.LastExit;
import dev.claudebottle.sidecar.lifecycle.UtcTime;
import io.vertx.core.json.JsonObject;

/**
 * How a daemon ended last.
 *
 * @param signal null when it ended by itself, or never ran
 * @param error null when it ran
 * @param oomKilled null where that can't be known
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
