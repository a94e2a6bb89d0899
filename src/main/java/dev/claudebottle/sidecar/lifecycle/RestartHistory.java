package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The recent deaths and restarts of a daemon. A reset forgets them once the daemon has been ready for
 * {@code reset_after}.
 *
 * @param consecutive restarts since the last reset
 * @param deaths when it died, monotonic; only deaths that still count for a crash loop
 * @param crashLooping lasts until the reset
 */
record RestartHistory(int consecutive, List<Long> deaths, boolean crashLooping) {

    static final RestartHistory NONE = new RestartHistory(0, List.of(), false);

    /** The second delay after an initial delay of zero, which cannot be doubled. */
    private static final Duration AFTER_ZERO = Duration.ofMillis(500);

    private static final double JITTER = 0.1;

    RestartHistory {
        deaths = List.copyOf(deaths);
    }

    RestartHistory died(RestartPolicy policy, Timestamp now) {
        long window = policy.crashLoopWindow().duration().toNanos();
        List<Long> recent = new ArrayList<>(deaths);
        recent.removeIf(death -> now.nanos() - death > window);
        recent.add(now.nanos());
        return new RestartHistory(consecutive, recent, crashLooping || recent.size() >= policy.crashLoopDeaths());
    }

    RestartHistory restarted() {
        return new RestartHistory(consecutive + 1, deaths, crashLooping);
    }

    /** The next crash loop takes new deaths. */
    RestartHistory reset() {
        return new RestartHistory(0, crashLooping ? List.of() : deaths, false);
    }

    /** Whether a reset would end anything. */
    boolean canReset() {
        return consecutive > 0 || crashLooping;
    }

    /**
     * The delay before the next restart.
     *
     * @param jitter from -1 to 1
     */
    Duration delay(RestartPolicy policy, double jitter) {
        Duration initial = policy.initialDelay().duration();
        int doublings = consecutive;
        if (initial.isZero()) {
            initial = consecutive == 0 ? Duration.ZERO : AFTER_ZERO;
            doublings = consecutive - 1;
        }
        long max = policy.maxDelay().duration().toNanos();
        long delay = Math.min(initial.toNanos(), max);
        for (int i = 0; i < doublings && delay < max; i++) {
            delay = Math.min(2 * delay, max);
        }
        return Duration.ofNanos(Math.round(delay * (1 + JITTER * jitter)));
    }
}
