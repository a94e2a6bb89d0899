package dev.claudebottle.sidecar.bundle;

/**
 * How {@link FailurePolicy#RESTART} works.
 *
 * @param initialDelay before the first restart; each further one waits twice as long
 * @param maxDelay the longest delay, before jitter
 * @param resetAfter a daemon that has been ready for this long starts over: first delay, no crash loop
 * @param crashLoopDeaths this many deaths within {@code crashLoopWindow} are a crash loop
 */
public record RestartPolicy(
        TimeSpan initialDelay,
        TimeSpan maxDelay,
        TimeSpan resetAfter,
        int crashLoopDeaths,
        TimeSpan crashLoopWindow,
        CrashLoopAction crashLoopAction) {

    /** The built-in policy, until it is changed. */
    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        return new Builder()
                .initialDelay(initialDelay)
                .maxDelay(maxDelay)
                .resetAfter(resetAfter)
                .crashLoopDeaths(crashLoopDeaths)
                .crashLoopWindow(crashLoopWindow)
                .crashLoopAction(crashLoopAction);
    }

    public static final class Builder {

        private TimeSpan initialDelay = TimeSpan.of("500ms");
        private TimeSpan maxDelay = TimeSpan.of("30s");
        private TimeSpan resetAfter = TimeSpan.of("60s");
        private int crashLoopDeaths = 5;
        private TimeSpan crashLoopWindow = TimeSpan.of("60s");
        private CrashLoopAction crashLoopAction = CrashLoopAction.KEEP_TRYING;

        private Builder() {}

        public Builder initialDelay(TimeSpan delay) {
            initialDelay = delay;
            return this;
        }

        public Builder maxDelay(TimeSpan delay) {
            maxDelay = delay;
            return this;
        }

        public Builder resetAfter(TimeSpan ready) {
            resetAfter = ready;
            return this;
        }

        public Builder crashLoopDeaths(int deaths) {
            crashLoopDeaths = deaths;
            return this;
        }

        public Builder crashLoopWindow(TimeSpan window) {
            crashLoopWindow = window;
            return this;
        }

        public Builder crashLoopAction(CrashLoopAction action) {
            crashLoopAction = action;
            return this;
        }

        public RestartPolicy build() {
            return new RestartPolicy(
                    initialDelay, maxDelay, resetAfter, crashLoopDeaths, crashLoopWindow, crashLoopAction);
        }
    }
}
