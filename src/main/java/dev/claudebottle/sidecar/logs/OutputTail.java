package dev.claudebottle.sidecar.logs;

import java.util.List;

/** What a start of a daemon wrote last. */
@FunctionalInterface
public interface OutputTail {

    /**
     * Waits until the daemon's last words have been read, and no longer than to the deadline: what has been read until
     * then has to do, because the pump may be held up by a stdout that nobody reads.
     *
     * @param deadline a {@link System#nanoTime}
     */
    List<String> by(long deadline) throws InterruptedException;
}
