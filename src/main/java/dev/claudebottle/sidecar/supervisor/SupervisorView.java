package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.events.EventLog;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import java.time.Duration;

/** The supervisor as everybody else sees it. Safe from any thread; only {@link #awaitEnd} waits. */
public interface SupervisorView {

    /** The latest state; immutable. */
    BundleState state();

    /** When the supervisor began. */
    Timestamp startedAt();

    long orphansReaped();

    /** Lines that never reached stdout. */
    long droppedLines();

    /** Lines that this daemon has written, over all its starts. */
    long logLines(String daemon);

    /** Bytes that this daemon has written, over all its starts. */
    long logBytes(String daemon);

    /** What has happened. */
    EventLog events();

    /** How long something has waited in the supervisor's queue; asking puts a ping there. */
    Duration longestWait();

    /**
     * Waits for the supervisor's end, which normally is the end of the process: returns only where that goes on.
     *
     * @return the exit code
     */
    int awaitEnd() throws InterruptedException;
}
