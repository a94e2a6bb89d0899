package dev.claudebottle.sidecar.config;

import static dev.claudebottle.sidecar.config.Key.always;

import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;

/** The keys of {@code restart}. */
final class RestartKeys {

    static final Key.Leaf<RestartPolicy.Builder, RestartPolicy, TimeSpan> INITIAL_DELAY = always(
            "initial_delay",
            ScalarType.DURATION,
            "before the first restart; each further one waits twice as long",
            RestartPolicy.Builder::initialDelay,
            RestartPolicy::initialDelay);

    static final Key.Leaf<RestartPolicy.Builder, RestartPolicy, TimeSpan> MAX_DELAY = always(
            "max_delay",
            ScalarType.DURATION_ABOVE_ZERO,
            "the longest delay, before 10 % more or less",
            RestartPolicy.Builder::maxDelay,
            RestartPolicy::maxDelay);

    static final List<Key<RestartPolicy.Builder, RestartPolicy>> ALL = List.of(
            INITIAL_DELAY,
            MAX_DELAY,
            always(
                    "reset_after",
                    ScalarType.DURATION,
                    "a daemon that has been ready for this long gets `initial_delay` again, and its crash loop is over",
                    RestartPolicy.Builder::resetAfter,
                    RestartPolicy::resetAfter),
            always(
                    "crash_loop_deaths",
                    new WholeNumberType(1, WholeNumberType.HIGHEST),
                    "this many deaths within `crash_loop_window` are a crash loop",
                    RestartPolicy.Builder::crashLoopDeaths,
                    RestartPolicy::crashLoopDeaths),
            always(
                    "crash_loop_window",
                    ScalarType.DURATION_ABOVE_ZERO,
                    "the time in which those deaths are counted",
                    RestartPolicy.Builder::crashLoopWindow,
                    RestartPolicy::crashLoopWindow),
            always(
                    "crash_loop_action",
                    ScalarType.words("a crash-loop action", CrashLoopAction.values()),
                    "what a crash loop does: `keep-trying` goes on restarting, the others act as that failure policy",
                    RestartPolicy.Builder::crashLoopAction,
                    RestartPolicy::crashLoopAction));

    private RestartKeys() {}
}
