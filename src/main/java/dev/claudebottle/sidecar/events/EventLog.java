package dev.claudebottle.sidecar.events;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The latest events, in a ring. A reader passes the number of the last event that it has read. One that is too slow misses
 * events and costs no memory. Safe from any thread; no method blocks.
 */
public final class EventLog {

    private static final int CAPACITY = 1000;

    private final CloudEvent[] ring = new CloudEvent[CAPACITY];
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private long last;

    /** @throws IllegalArgumentException when the event's number is not the next one */
    void add(CloudEvent event) {
        synchronized (this) {
            if (event.number() != last + 1) {
                throw new IllegalArgumentException("event " + event.number() + " after " + last);
            }
            last = event.number();
            ring[index(last)] = event;
        }
        listeners.forEach(Runnable::run);
    }

    /** The oldest event with a number above this one; all kept events have one above 0. */
    public synchronized Optional<CloudEvent> after(long number) {
        long next = Math.max(number, last - CAPACITY) + 1;
        return next <= last ? Optional.of(ring[index(next)]) : Optional.empty();
    }

    /** The number of the event with this id; 0 when no kept event has it. */
    public synchronized long find(String id) {
        for (CloudEvent event : ring) {
            if (event != null && event.id().equals(id)) {
                return event.number();
            }
        }
        return 0;
    }

    /** Registers a listener, which is called after each event by the thread that adds it and must not block. */
    public void listen(Runnable listener) {
        listeners.add(listener);
    }

    private static int index(long number) {
        return (int) (number % CAPACITY);
    }
}
