package dev.claudebottle.sidecar.logs;

import java.util.List;

/** The last lines that one start of a daemon wrote. */
@FunctionalInterface
public interface OutputTail {

    /**
     * Waits until everything has been read that the daemon had written when the tail was requested. At the deadline it
     * returns what has been read so far, because a blocked stdout may hold up the pump.
     *
     * @param deadline a {@link System#nanoTime}
     */
    List<String> await(long deadline) throws InterruptedException;
}
