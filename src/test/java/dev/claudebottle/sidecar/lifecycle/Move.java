package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;

/** How an exhaustive search goes from one world to the next. */
sealed interface Move {

    record Deliver(Event event) implements Move {}

    /** Nothing happens for one tick. Only possible while no deadline has passed: the timer would come first. */
    record Wait() implements Move {}

    /** We did not run until long after the deadline. */
    record Pause(Duration length) implements Move {}
}
