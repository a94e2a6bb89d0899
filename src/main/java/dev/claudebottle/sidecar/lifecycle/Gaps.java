package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * The protection gaps of a daemon: the times in which it did not guard, from a death or the loss of readiness until it
 * was ready again.
 *
 * @param count the open gap included
 * @param closed the total length of the closed gaps
 * @param openSince monotonic; empty: no gap is open
 */
public record Gaps(int count, Duration closed, OptionalLong openSince) {

    static final Gaps NONE = new Gaps(0, Duration.ZERO, OptionalLong.empty());

    Gaps open(Timestamp now) {
        return isOpen() ? this : new Gaps(count + 1, closed, OptionalLong.of(now.nanos()));
    }

    Gaps close(Timestamp now) {
        return isOpen() ? new Gaps(count, total(now.nanos()), OptionalLong.empty()) : this;
    }

    public boolean isOpen() {
        return openSince.isPresent();
    }

    /** The length of the open gap; zero if none is open. */
    Duration current(Timestamp now) {
        return isOpen() ? Duration.ofNanos(now.nanos() - openSince.getAsLong()) : Duration.ZERO;
    }

    /** The length of all gaps, the open one up to now. */
    public Duration total(long nowNanos) {
        return isOpen() ? closed.plusNanos(nowNanos - openSince.getAsLong()) : closed;
    }
}
