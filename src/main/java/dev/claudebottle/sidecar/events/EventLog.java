package dev.claudebottle.sidecar.events;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The latest events. Readers come with the number of what they read last and go at their own pace; one that is too slow
 * misses what has been dropped, and costs no memory. Never blocks for long, from any thread.
 */
public final class EventLog {

    public static final int KEPT = 1000;

    private final CloudEvent[] ring = new CloudEvent[KEPT];
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private long last;

    /** Its number must be the next one. */
    void add(CloudEvent event) {
        synchronized (this) {
            if (event.number() != last + 1) {
                throw new IllegalArgumentException("event " + event.number() + " after " + last);
            }
            last = event.number();
            ring[place(last)] = event;
        }
        listeners.forEach(Runnable::run);
    }

    /** The oldest that is kept behind this number; 0 is before the first. */
    public synchronized Optional<CloudEvent> after(long number) {
        long next = Math.max(number, last - KEPT) + 1;
        return next <= last ? Optional.of(ring[place(next)]) : Optional.empty();
    }

    /** The number of the event with this id; 0 when none that is kept has it. */
    public synchronized long find(String id) {
        for (CloudEvent event : ring) {
            if (event != null && event.id().equals(id)) {
                return event.number();
            }
        }
        return 0;
    }

    /** Is told after each event, by the thread that adds it, and must not block. */
    public void listen(Runnable listener) {
        listeners.add(listener);
    }

    private static int place(long number) {
        return (int) (number % KEPT);
    }
}
