package dev.claudebottle.sidecar.events;

import java.util.ArrayDeque;
import java.util.Deque;

/** The events that the receiver has not got yet. The oldest are dropped, and counted, when there are too many. */
final class DeliveryQueue {

    static final int MOST = 1000;

    private final Deque<CloudEvent> events = new ArrayDeque<>();
    private long dropped;

    synchronized void add(CloudEvent event) {
        if (events.size() == MOST) {
            events.removeFirst();
            dropped++;
        }
        events.addLast(event);
        notifyAll();
    }

    /** The oldest; waits until there is one. It stays until it is {@link #done}. */
    synchronized CloudEvent first() throws InterruptedException {
        while (events.isEmpty()) {
            wait();
        }
        return events.getFirst();
    }

    /** The receiver has it. */
    synchronized void done(CloudEvent event) {
        if (events.peekFirst() == event) {
            events.removeFirst();
        } else {
            // it was dropped while it was under way, and arrived all the same
            dropped--;
        }
    }

    synchronized boolean isEmpty() {
        return events.isEmpty();
    }

    /** How many have been dropped since this was asked last. */
    synchronized long takeDropped() {
        long count = dropped;
        dropped = 0;
        return count;
    }
}
