package dev.claudebottle.sidecar.supervisor;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The one queue: everybody puts in, the supervisor's thread takes out. */
final class EventQueue {

    private record Envelope(Message message, long since) {}

    private final BlockingQueue<Envelope> queue = new LinkedBlockingQueue<>();
    private final AtomicBoolean pinged = new AtomicBoolean();

    void put(Message message) {
        queue.add(new Envelope(message, System.nanoTime()));
    }

    /** At most one ping waits, however many ask. */
    void ping() {
        if (pinged.compareAndSet(false, true)) {
            put(new Message.Ping());
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** How long the oldest message has waited; zero when none does. */
    Duration longestWait() {
        Envelope oldest = queue.peek();
        return oldest == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - oldest.since());
    }

    /**
     * The next message.
     *
     * @param deadline a {@link System#nanoTime}; empty: waits for ever
     * @return null when the deadline came first
     */
    Message take(OptionalLong deadline) throws InterruptedException {
        Envelope next = deadline.isEmpty()
                ? queue.take()
                : queue.poll(deadline.getAsLong() - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null) {
            return null;
        }
        if (next.message() instanceof Message.Ping) {
            pinged.set(false);
        }
        return next.message();
    }
}
