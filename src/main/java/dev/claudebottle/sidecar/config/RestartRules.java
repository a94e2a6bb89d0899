package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.Optional;

/**
 * Restart rules, and which of their delays the file gives: a delay that it does not give follows the other one.
 *
 * @param initialDelay empty: not given, or wrong, which has been reported
 * @param maxDelay as above
 */
record RestartRules(RestartPolicy policy, Optional<TimeSpan> initialDelay, Optional<TimeSpan> maxDelay) {

    static final RestartRules BUILT_IN =
            new RestartRules(RestartPolicy.builder().build(), Optional.empty(), Optional.empty());

    /** These rules with the keys of {@code map} in place of their own. */
    RestartRules overriddenBy(MapReader map) {
        RestartPolicy.Builder builder = policy.toBuilder();
        map.read(RestartKeys.ALL, builder);
        Optional<TimeSpan> initial = given(map, RestartKeys.INITIAL_DELAY, initialDelay);
        Optional<TimeSpan> max = given(map, RestartKeys.MAX_DELAY, maxDelay);
        RestartPolicy read = builder.build();
        if (initial.isEmpty()) {
            builder.initialDelay(read.initialDelay().atMost(read.maxDelay()));
        }
        if (max.isEmpty()) {
            builder.maxDelay(read.maxDelay().atLeast(read.initialDelay()));
        }
        if (initial.isPresent() && max.isPresent() && isShorter(max.get(), initial.get())) {
            refuse(map, initial.get(), max.get());
            return new RestartRules(read, Optional.empty(), Optional.empty());
        }
        return new RestartRules(builder.build(), initial, max);
    }

    /** A wrong delay is one error, and not one more with the other delay. */
    private static Optional<TimeSpan> given(MapReader map, Key.Leaf<?, ?, TimeSpan> key, Optional<TimeSpan> otherwise) {
        return map.has(key) ? map.value(key) : otherwise;
    }

    private static boolean isShorter(TimeSpan one, TimeSpan other) {
        return one.duration().compareTo(other.duration()) < 0;
    }

    /** At the key that {@code map} has; the other one may be the bundle's. */
    private static void refuse(MapReader map, TimeSpan initial, TimeSpan max) {
        Optional<Value> place = map.get(RestartKeys.MAX_DELAY);
        if (place.isPresent()) {
            String whose = map.has(RestartKeys.INITIAL_DELAY) ? "the" : "the bundle's";
            place.get().error(max.text() + " is below " + whose + " initial_delay", "at least " + initial.text());
        } else {
            map.get(RestartKeys.INITIAL_DELAY)
                    .orElseThrow()
                    .error(initial.text() + " is above the bundle's max_delay", "at most " + max.text());
        }
    }
}
