package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;

/** What waits in the supervisor's queue. */
sealed interface Message {

    record Happened(Event event) implements Message {}

    /** A daemon's first process died; becomes {@link Event.Exited} once its group has been looked at. */
    record Died(String daemon, int pid, ExitStatus status) implements Message {}

    /** An orphan is gone, and with it perhaps the last process of a group. */
    record OrphanGone() implements Message {}

    /** Somebody asks whether the supervisor is there. */
    record Ping() implements Message {}
}
