package dev.claudebottle.sidecar.supervisor;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The supervisor's queue: any thread puts messages in, the supervisor's thread takes them. */
final class EventQueue {

    private record Entry(Message message, long queuedAt) {}

    private final BlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
    private final AtomicBoolean pinged = new AtomicBoolean();

    void put(Message message) {
        queue.add(new Entry(message, System.nanoTime()));
    }

    /** Puts a ping into the queue unless one is there already. */
    void ping() {
        if (pinged.compareAndSet(false, true)) {
            put(new Message.Ping());
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** How long the oldest message has waited; zero when the queue is empty. */
    Duration longestWait() {
        Entry oldest = queue.peek();
        return oldest == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - oldest.queuedAt());
    }

    /**
     * Waits for the next message.
     *
     * @param deadline a {@link System#nanoTime}; empty: none
     * @return null when the deadline has passed first
     */
    Message take(OptionalLong deadline) throws InterruptedException {
        Entry next = deadline.isEmpty()
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
