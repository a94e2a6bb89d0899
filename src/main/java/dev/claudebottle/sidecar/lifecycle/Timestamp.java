package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.time.Instant;

/**
 * When an event happened. The rules use the monotonic time only; people read the UTC time.
 *
 * @param nanos monotonic, with an arbitrary origin
 * @param utc may jump in either direction
 */
public record Timestamp(long nanos, Instant utc) {

    /** Whether a monotonic time is now or has passed. */
    boolean reached(long monotonic) {
        return nanos - monotonic >= 0;
    }

    public long plus(Duration duration) {
        return nanos + duration.toNanos();
    }
}
