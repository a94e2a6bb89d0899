package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.Gaps;
import dev.claudebottle.sidecar.lifecycle.Seconds;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;

/**
 * The gaps of a daemon in {@code /status}.
 *
 * @param open whether the daemon has a gap now
 * @param count including the open one
 * @param seconds their sum, including the open one up to now
 * @param plannedSeconds the sum of the planned gaps, which neither of these includes, up to now
 */
public record GapReport(boolean open, long count, BigDecimal seconds, BigDecimal plannedSeconds) {

    static GapReport of(Gaps gaps, long now) {
        return new GapReport(
                gaps.isOpen(),
                gaps.count(),
                Seconds.of(gaps.total(now).toNanos()),
                Seconds.of(gaps.totalPlanned(now).toNanos()));
    }

    static GapReport of(JsonObject json) {
        return new GapReport(
                json.getBoolean("open"),
                json.getLong("count"),
                Seconds.of(json.getNumber("seconds")),
                Seconds.of(json.getNumber("plannedSeconds")));
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("open", open)
                .put("count", count)
                .put("seconds", seconds)
                .put("plannedSeconds", plannedSeconds);
    }
}
