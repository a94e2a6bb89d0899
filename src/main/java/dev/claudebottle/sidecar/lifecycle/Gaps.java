package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * The protection gaps of a daemon: the times in which it did not guard, from a death or the loss of readiness until it
 * was ready again. Those that the operator's restarts made, the planned ones, are summed apart.
 *
 * @param count of those that nobody planned, an open one included
 * @param closed the total length of the closed gaps that nobody planned
 * @param closedPlanned the total length of the closed planned gaps
 * @param openSince monotonic; empty: no gap is open
 * @param planned the open gap is a planned one
 */
public record Gaps(int count, Duration closed, Duration closedPlanned, OptionalLong openSince, boolean planned) {

    static final Gaps NONE = new Gaps(0, Duration.ZERO, Duration.ZERO, OptionalLong.empty(), false);

    /** A death in a planned gap ends that: from then on nobody has planned it. */
    Gaps open(Timestamp now) {
        return isOpen() && !planned
                ? this
                : new Gaps(count + 1, closed, totalPlanned(now.nanos()), OptionalLong.of(now.nanos()), false);
    }

    /** A gap that is open already stays what it is. */
    Gaps openPlanned(Timestamp now) {
        return isOpen() ? this : new Gaps(count, closed, closedPlanned, OptionalLong.of(now.nanos()), true);
    }

    Gaps close(Timestamp now) {
        return new Gaps(count, total(now.nanos()), totalPlanned(now.nanos()), OptionalLong.empty(), false);
    }

    public boolean isOpen() {
        return openSince.isPresent();
    }

    /** The length of the open gap; zero if none is open. */
    Duration current(Timestamp now) {
        return isOpen() ? Duration.ofNanos(now.nanos() - openSince.getAsLong()) : Duration.ZERO;
    }

    /** The length of all gaps that nobody planned, an open one up to now. */
    public Duration total(long nowNanos) {
        return isOpen() && !planned ? closed.plusNanos(nowNanos - openSince.getAsLong()) : closed;
    }

    /** The length of all planned gaps, an open one up to now. */
    public Duration totalPlanned(long nowNanos) {
        return planned ? closedPlanned.plusNanos(nowNanos - openSince.getAsLong()) : closedPlanned;
    }
}
