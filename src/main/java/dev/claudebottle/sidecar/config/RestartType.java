package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;
import java.util.Optional;

/** A restart policy. What the file leaves out is as in the built-in policy. */
record RestartType() implements MapType<RestartPolicy> {

    @Override
    public List<Key<RestartPolicy.Builder, RestartPolicy>> keys() {
        return RestartKeys.ALL;
    }

    @Override
    public Optional<RestartPolicy> read(Value value) {
        return MapReader.of(value, expected(), keys()).map(RestartType::read);
    }

    private static RestartPolicy read(MapReader map) {
        RestartPolicy.Builder builder = RestartPolicy.builder();
        for (Key<RestartPolicy.Builder, RestartPolicy> key : RestartKeys.ALL) {
            map.read(key, builder);
            if (key == RestartKeys.MAX_DELAY) {
                orderDelays(map, builder);
            }
        }
        return builder.build();
    }

    /** {@code max_delay} is at least {@code initial_delay}. Where the file gives one of them, the other's default gives way. */
    private static void orderDelays(MapReader map, RestartPolicy.Builder builder) {
        Optional<TimeSpan> initial = map.value(RestartKeys.INITIAL_DELAY);
        Optional<TimeSpan> max = map.value(RestartKeys.MAX_DELAY);
        RestartPolicy policy = builder.build();
        if (max.isEmpty()) {
            builder.maxDelay(policy.initialDelay().atLeast(policy.maxDelay()));
        } else if (initial.isEmpty()) {
            builder.initialDelay(policy.initialDelay().atMost(policy.maxDelay()));
        } else if (max.get().duration().compareTo(initial.get().duration()) < 0) {
            String least = initial.get().text();
            map.get(RestartKeys.MAX_DELAY)
                    .orElseThrow()
                    .error(max.get().text() + " is below the initial_delay of " + least, "at least " + least);
        }
    }
}
