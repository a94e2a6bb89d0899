package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;
import java.util.Optional;

/** {@code restart}. */
final class RestartReader {

    private static final List<String> KEYS = List.of(
            "initial_delay", "max_delay", "reset_after", "crash_loop_deaths", "crash_loop_window", "crash_loop_action");

    private static final ValueType<CrashLoopAction> ACTION =
            ValueType.words("a crash-loop action", CrashLoopAction.values());

    private RestartReader() {}

    /** What the file leaves out is as in {@code defaults}. */
    static Optional<RestartPolicy> read(Value value, RestartPolicy defaults) {
        return MapReader.of(value, "a map", KEYS).map(fields -> read(fields, defaults));
    }

    private static RestartPolicy read(MapReader fields, RestartPolicy defaults) {
        Optional<TimeSpan> initialDelay = fields.get("initial_delay", ValueType.DURATION);
        Optional<TimeSpan> maxDelay = fields.get("max_delay", ValueType.DURATION_ABOVE_ZERO);
        // where the file gives one of the two, the other one's default makes room for it
        TimeSpan most = maxDelay.orElseGet(
                () -> initialDelay.orElse(defaults.initialDelay()).atLeast(defaults.maxDelay()));
        if (initialDelay.isPresent() && maxDelay.isPresent()) {
            checkOrder(fields, initialDelay.get(), maxDelay.get());
        }
        return new RestartPolicy(
                initialDelay.orElse(defaults.initialDelay().atMost(most)),
                most,
                fields.get("reset_after", ValueType.DURATION).orElse(defaults.resetAfter()),
                fields.get("crash_loop_deaths")
                        .flatMap(deaths -> deaths.wholeNumber(1, Value.HIGHEST_NUMBER))
                        .orElse(defaults.crashLoopDeaths()),
                fields.get("crash_loop_window", ValueType.DURATION_ABOVE_ZERO).orElse(defaults.crashLoopWindow()),
                fields.get("crash_loop_action", ACTION).orElse(defaults.crashLoopAction()));
    }

    private static void checkOrder(MapReader fields, TimeSpan initial, TimeSpan max) {
        if (max.duration().compareTo(initial.duration()) < 0) {
            fields.get("max_delay")
                    .ifPresent(value -> value.error(
                            max.text() + " is below the initial_delay of " + initial.text(),
                            "at least " + initial.text()));
        }
    }
}
