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

    /** The event that {@link #first} has returned, until it is done; null before. */
    private CloudEvent underWay;

    /** Whether that has been dropped. It is not counted before the next one is begun: it may be answered after all. */
    private boolean underWayDropped;

    /** Dropped because too many had to wait, and how many of these have been taken. */
    private long dropped;

    private long droppedTaken;

    private long refused;
    private boolean refusesAll;

    synchronized void add(CloudEvent event) {
        if (refusesAll) {
            refused++;
            return;
        }
        while (!events.isEmpty() && (events.size() == CAPACITY || bytes + event.size() > MAX_BYTES)) {
            if (removeFirst() == underWay) {
                underWayDropped = true;
            } else {
                dropped++;
            }
        }
        events.addLast(event);
        bytes += event.size();
        notifyAll();
    }

    /** The oldest event; waits until there is one. The event stays in the queue until it is {@link #done}. */
    synchronized CloudEvent first() throws InterruptedException {
        if (underWayDropped) {
            dropped++;
            underWayDropped = false;
        }
        while (events.isEmpty()) {
            wait();
        }
        underWay = events.getFirst();
        return underWay;
    }

    /** Removes an event that the receiver has answered. */
    synchronized void done(CloudEvent event) {
        if (events.peekFirst() == event) {
            removeFirst();
        }
        underWay = null;
        underWayDropped = false;
    }

    /** Removes an event that the receiver does not want. */
    synchronized void refused(CloudEvent event) {
        done(event);
        refused++;
    }

    /** The receiver wants none of those that wait, and none that comes. */
    synchronized void refuseAll() {
        refused += events.size();
        clear();
        refusesAll = true;
    }

    /** The number of events that were too many since the last call. */
    synchronized long takeDropped() {
        long count = dropped - droppedTaken;
        droppedTaken = dropped;
        return count;
    }

    synchronized Delivery delivery() {
        return new Delivery(events.size(), dropped + refused);
    }

    synchronized void clear() {
        events.clear();
        bytes = 0;
    }

    private CloudEvent removeFirst() {
        CloudEvent first = events.removeFirst();
        bytes -= first.size();
        return first;
    }
}
