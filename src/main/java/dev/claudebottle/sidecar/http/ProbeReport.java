package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.lifecycle.UtcTime;
import io.vertx.core.json.JsonObject;

/**
 * The last answer of a probe in {@code /status}.
 *
 * @param failure null if it passed
 */
public record ProbeReport(boolean passed, String failure, String at) {

    /** Null when the daemon's latest start has no answer of such a probe. */
    static ProbeReport of(DaemonStatus daemon, ProbeKind kind) {
        return daemon.lastAnswer(kind)
                .map(answer -> new ProbeReport(
                        answer.failure().isEmpty(), answer.failure().orElse(null), UtcTime.format(answer.at())))
                .orElse(null);
    }

    /** @param json may be null */
    static ProbeReport of(JsonObject json) {
        return json == null
                ? null
                : new ProbeReport(json.getBoolean("passed"), json.getString("failure"), json.getString("at"));
    }

    JsonObject toJson() {
        return new JsonObject().put("passed", passed).put("failure", failure).put("at", at);
    }
}
