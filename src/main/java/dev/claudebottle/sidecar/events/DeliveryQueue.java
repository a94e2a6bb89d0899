package dev.claudebottle.sidecar.events;

import java.util.ArrayDeque;
import java.util.Deque;

/** The events that are still to be delivered. When it is full, the oldest are dropped and counted. */
final class DeliveryQueue {

    static final int CAPACITY = 1000;

    private final Deque<CloudEvent> events = new ArrayDeque<>();
    private long dropped;

    synchronized void add(CloudEvent event) {
        if (events.size() == CAPACITY) {
            events.removeFirst();
            dropped++;
        }
        events.addLast(event);
        notifyAll();
    }

    /** The oldest event; waits until there is one. The event stays in the queue until it is {@link #done}. */
    synchronized CloudEvent first() throws InterruptedException {
        while (events.isEmpty()) {
            wait();
        }
        return events.getFirst();
    }

    /** Removes an event that the receiver has answered. */
    synchronized void done(CloudEvent event) {
        if (events.peekFirst() == event) {
            events.removeFirst();
        } else {
            // it was dropped while it was being delivered, and has been answered after all
            dropped--;
        }
    }

    synchronized boolean isEmpty() {
        return events.isEmpty();
    }

    /** The number of events dropped since the last call. */
    synchronized long takeDropped() {
        long count = dropped;
        dropped = 0;
        return count;
    }
}
