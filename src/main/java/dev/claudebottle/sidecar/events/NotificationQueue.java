package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.logs.OutputTail;
import java.util.ArrayDeque;
import java.util.Deque;

/** The notifications of which no event has been made yet. When it is full, the oldest are dropped and counted. */
final class NotificationQueue {

    /** More than 400 daemons that die and are started again have in a burst. */
    static final int CAPACITY = 2000;

    /** Each keeps 16 KiB of a daemon's output in memory. */
    static final int MAX_TAILS = 500;

    /**
     * @param pid the process that the notification is about; null when there is none
     * @param lastLines null when the event has no output
     * @param deadline the {@link System#nanoTime} until which it waits for the last lines
     */
    record Entry(Notification notification, Integer pid, OutputTail lastLines, long deadline) {}

    private final Deque<Entry> entries = new ArrayDeque<>(CAPACITY);
    private int tails;
    private long dropped;

    synchronized void add(Entry entry) {
        if (entries.size() == CAPACITY) {
            removeFirst();
            dropped++;
        }
        entries.addLast(entry);
        tails += entry.lastLines() == null ? 0 : 1;
        notifyAll();
    }

    /** Waits for the oldest and removes it. */
    synchronized Entry take() throws InterruptedException {
        while (entries.isEmpty()) {
            wait();
        }
        return removeFirst();
    }

    /** Whether another entry may have last lines. */
    synchronized boolean hasRoomForTail() {
        return tails < MAX_TAILS;
    }

    /** The number of entries dropped since the last call that returned one; 0 while entries wait. */
    synchronized long takeDropped() {
        if (!entries.isEmpty()) {
            return 0;
        }
        long count = dropped;
        dropped = 0;
        return count;
    }

    private Entry removeFirst() {
        Entry first = entries.removeFirst();
        tails -= first.lastLines() == null ? 0 : 1;
        return first;
    }
}
