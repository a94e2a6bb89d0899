package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;

/** A time in which we did not run: SIGSTOP, a frozen cgroup (docker pause), a suspended or stalled machine. */
public final class Pause {

    /** A busy machine delays a timer by less than this. */
    private static final long LATE = Duration.ofMillis(500).toNanos();

    private Pause() {}

    /**
     * Whether a timer that was due at one time and came at another shows a pause.
     *
     * @param due a {@link System#nanoTime}
     * @param now a {@link System#nanoTime}
     */
    public static boolean isShownBy(long due, long now) {
        return now - due > LATE;
    }
}
