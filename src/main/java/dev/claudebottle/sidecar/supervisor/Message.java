package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;

/** An entry of the supervisor's queue. */
sealed interface Message {

    record Happened(Event event) implements Message {}

    /**
     * A daemon's first process has died; becomes {@link Event.Exited} once its session has been checked.
     *
     * @param diedAt a {@link System#nanoTime} at which it was dead
     */
    record Died(String daemon, int pid, ExitStatus status, long diedAt) implements Message {}

    /** The operator asks for a restart. */
    record Restart(RestartRequest request) implements Message {}

    /** An orphan has been reaped, perhaps the last process of a dead daemon's session. */
    record OrphanReaped() implements Message {}

    /** The kernel's out-of-memory killer has killed a process of our cgroup. */
    record OomKill() implements Message {}

    /** Does nothing: that it is taken shows that the supervisor's thread is alive. */
    record Ping() implements Message {}
}
