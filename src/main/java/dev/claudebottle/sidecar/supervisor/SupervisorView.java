package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.events.Delivery;
import dev.claudebottle.sidecar.events.EventLog;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import java.time.Duration;
import java.util.Optional;

/** What other threads may read of the supervisor. No method except {@link #awaitEnd} blocks. */
public interface SupervisorView {

    /** The latest state; immutable. */
    BundleState state();

    /** When the supervisor was created. */
    Timestamp startedAt();

    /** Processes reaped that were neither daemons nor probes. */
    long orphansReaped();

    /** Living processes that descend from us and are in no daemon's or probe's session; each call reads /proc. */
    int adopted();

    /** Lines that could not be written to stdout. */
    long droppedLines();

    /** Lines that this daemon has written, over all its starts. */
    long logLines(String daemon);

    /** Bytes that this daemon has written, over all its starts. */
    long logBytes(String daemon);

    /** The event log. */
    EventLog events();

    /** How the delivery of events goes; empty when they are delivered to nobody. */
    Optional<Delivery> delivery();

    /** How long the oldest message has waited in the supervisor's queue; each call puts a ping there. */
    Duration longestWait();

    /**
     * Waits for the end of the supervisor. That normally ends the process, and then this never returns.
     *
     * @return the exit code
     */
    int awaitEnd() throws InterruptedException;
}
