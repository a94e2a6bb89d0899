package dev.claudebottle.sidecar.bundle;

/**
 * How {@link FailurePolicy#RESTART} goes about it.
 *
 * @param initialDelay before the first restart; each further one waits twice as long
 * @param maxDelay the longest delay, before jitter
 * @param resetAfter after so long a time of being ready, delays begin anew and a crash loop is over
 * @param crashLoopDeaths so many deaths within {@code crashLoopWindow} are a crash loop
 */
public record RestartPolicy(
        TimeSpan initialDelay,
        TimeSpan maxDelay,
        TimeSpan resetAfter,
        int crashLoopDeaths,
        TimeSpan crashLoopWindow,
        CrashLoopAction crashLoopAction) {}
