package dev.claudebottle.sidecar.events;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongFunction;

/**
 * The latest events, in a ring, and their numbers. A reader passes the number of the last event that it has read. One that
 * is too slow misses events and costs no memory. One thread adds, any may read; no method blocks.
 */
public final class EventLog {

    private static final int CAPACITY = 1000;

    /** Of the events' JSON. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private final CloudEvent[] ring = new CloudEvent[CAPACITY];
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** The number of the oldest event that is kept; above {@link #last} while none is. */
    private long first = 1;

    private long last;
    private long bytes;

    /**
     * Adds the event that is made for the next number; when that throws, the number is not used up. The oldest events make
     * room for it.
     */
    CloudEvent add(LongFunction<CloudEvent> maker) {
        CloudEvent event = maker.apply(last() + 1);
        synchronized (this) {
            while (first <= last && (last - first + 1 == CAPACITY || bytes + event.size() > MAX_BYTES)) {
                dropFirst();
            }
            last++;
            ring[index(last)] = event;
            bytes += event.size();
        }
        return event;
    }

    /** Calls the listeners. */
    void announce() {
        listeners.forEach(Runnable::run);
    }

    /** The oldest event with a number above this one; all kept events have one above 0. */
    public synchronized Optional<CloudEvent> after(long number) {
        long next = Math.max(number + 1, first);
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

    /** The number of the newest event; 0 before the first one. */
    public synchronized long last() {
        return last;
    }

    private void dropFirst() {
        bytes -= ring[index(first)].size();
        ring[index(first)] = null;
        first++;
    }

    private static int index(long number) {
        return (int) (number % CAPACITY);
    }
}
