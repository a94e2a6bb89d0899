package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a daemon's restarts have to remember.
 *
 * @param inARow restarts since it was last ready for long
 * @param deaths when it died, monotonic; only those that can still make a crash loop
 * @param crashLooping said once; lasts until it has been ready for long
 */
record RestartHistory(int inARow, List<Long> deaths, boolean crashLooping) {

    static final RestartHistory NONE = new RestartHistory(0, List.of(), false);

    /** After an initial delay of zero the second one can't be its double. */
    private static final Duration AFTER_ZERO = Duration.ofMillis(500);

    private static final double JITTER = 0.1;

    RestartHistory {
        deaths = List.copyOf(deaths);
    }

    RestartHistory died(RestartPolicy rules, Timestamp now) {
        long window = rules.crashLoopWindow().duration().toNanos();
        List<Long> recent = new ArrayList<>(deaths);
        recent.removeIf(death -> now.nanos() - death > window);
        recent.add(now.nanos());
        return new RestartHistory(inARow, recent, crashLooping || recent.size() >= rules.crashLoopDeaths());
    }

    RestartHistory restarted() {
        return new RestartHistory(inARow + 1, deaths, crashLooping);
    }

    /** After a long time of being ready; the next crash loop takes new deaths. */
    RestartHistory reset() {
        return new RestartHistory(0, crashLooping ? List.of() : deaths, false);
    }

    /** Whether there is anything that a long time of being ready would end. */
    boolean canReset() {
        return inARow > 0 || crashLooping;
    }

    /**
     * How long to wait before the next restart.
     *
     * @param jitter from -1 to 1
     */
    Duration delay(RestartPolicy rules, double jitter) {
        Duration initial = rules.initialDelay().duration();
        int doublings = inARow;
        if (initial.isZero()) {
            initial = inARow == 0 ? Duration.ZERO : AFTER_ZERO;
            doublings = inARow - 1;
        }
        long most = rules.maxDelay().duration().toNanos();
        long delay = Math.min(initial.toNanos(), most);
        for (int i = 0; i < doublings && delay < most; i++) {
            delay = Math.min(2 * delay, most);
        }
        return Duration.ofNanos(Math.round(delay * (1 + JITTER * jitter)));
    }
}
