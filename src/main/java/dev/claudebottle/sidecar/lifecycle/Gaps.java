package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * The times in which a daemon did not guard, from a death until it is ready again.
 *
 * @param count gaps so far, the open one included
 * @param closed the length of those that are over
 * @param openSince monotonic; empty: it guards, or has never died
 */
public record Gaps(int count, Duration closed, OptionalLong openSince) {

    static final Gaps NONE = new Gaps(0, Duration.ZERO, OptionalLong.empty());

    Gaps open(Timestamp now) {
        return isOpen() ? this : new Gaps(count + 1, closed, OptionalLong.of(now.nanos()));
    }

    Gaps close(Timestamp now) {
        return new Gaps(count, total(now.nanos()), OptionalLong.empty());
    }

    public boolean isOpen() {
        return openSince.isPresent();
    }

    /** The length of the open one; zero when none is. */
    Duration current(Timestamp now) {
        return isOpen() ? Duration.ofNanos(now.nanos() - openSince.getAsLong()) : Duration.ZERO;
    }

    /** The length of all of them, the open one up to now. */
    public Duration total(long nowNanos) {
        return isOpen() ? closed.plusNanos(nowNanos - openSince.getAsLong()) : closed;
    }
}
