package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.ExitReason;
import dev.claudebottle.sidecar.lifecycle.LastExit;
import dev.claudebottle.sidecar.lifecycle.UtcTime;
import io.vertx.core.json.JsonObject;

/**
 * The latest end of a daemon in {@code /status}.
 *
 * @param signal null if it exited by itself or could not be started
 * @param reason the word of an {@link ExitReason}
 * @param error why it could not be started; null if it ran
 * @param oomKilled null if that is unknown
 */
public record ExitReport(long code, String signal, String reason, String at, String error, Boolean oomKilled) {

    static ExitReport of(LastExit exit) {
        return new ExitReport(
                exit.code(),
                exit.signal(),
                exit.reason().word(),
                UtcTime.format(exit.at()),
                exit.error(),
                exit.oomKilled());
    }

    static ExitReport of(JsonObject json) {
        return new ExitReport(
                json.getLong("code"),
                json.getString("signal"),
                json.getString("reason"),
                json.getString("at"),
                json.getString("error"),
                json.getBoolean("oomKilled"));
    }

    /** {@code 137 (SIGKILL)}, {@code 0 (liveness)}. */
    String text() {
        return LastExit.text(code, signal, oomKilled, ExitReason.LIVENESS.word().equals(reason));
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("code", code)
                .put("signal", signal)
                .put("reason", reason)
                .put("at", at)
                .put("error", error)
                .put("oomKilled", oomKilled);
    }
}
