package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.Gaps;
import dev.claudebottle.sidecar.lifecycle.Seconds;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;

/**
 * The times in which a daemon did not guard.
 *
 * @param open it does not guard now
 * @param count the open one included
 * @param seconds their sum, the open one up to now
 */
public record GapReport(boolean open, long count, BigDecimal seconds) {

    static GapReport of(Gaps gaps, long now) {
        return new GapReport(
                gaps.isOpen(), gaps.count(), Seconds.of(gaps.total(now).toNanos()));
    }

    static GapReport of(JsonObject json) {
        return new GapReport(json.getBoolean("open"), json.getLong("count"), Seconds.of(json.getNumber("seconds")));
    }

    JsonObject toJson() {
        return new JsonObject().put("open", open).put("count", count).put("seconds", seconds);
    }
}
