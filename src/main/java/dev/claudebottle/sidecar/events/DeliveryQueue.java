package dev.claudebottle.sidecar.events;

import java.util.ArrayDeque;
import java.util.Deque;

/** The events that are still to be delivered. When it is full, the oldest are dropped and counted. */
final class DeliveryQueue {

    static final int CAPACITY = 1000;

    /** Of the events' JSON. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private final Deque<CloudEvent> events = new ArrayDeque<>(CAPACITY);
    private long bytes;
    private long dropped;

    synchronized void add(CloudEvent event) {
        while (!events.isEmpty() && (events.size() == CAPACITY || bytes + event.size() > MAX_BYTES)) {
            removeFirst();
            dropped++;
        }
        events.addLast(event);
        bytes += event.size();
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
            removeFirst();
        } else {
            // it was dropped while it was being delivered, and has been answered after all
            dropped--;
        }
    }

    /** The number of events dropped since the last call. */
    synchronized long takeDropped() {
        long count = dropped;
        dropped = 0;
        return count;
    }

    synchronized void clear() {
        events.clear();
        bytes = 0;
    }

    private void removeFirst() {
        bytes -= events.removeFirst().size();
    }
}
