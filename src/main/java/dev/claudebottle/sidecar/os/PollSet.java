package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a thread waits for: its wake-up, an eventfd, and other descriptors. An array of struct pollfd (poll(2)). */
public final class PollSet {

    public static final short POLLIN = 1;

    /** poll(2) ignores it. */
    public static final int NONE = -1;

    /** The size and the offsets of struct pollfd: int fd, short events, short revents. */
    private static final int ENTRY = 8;

    private static final int EVENTS = 4;
    private static final int REVENTS = 6;

    private final int wakeup;
    private final MemorySegment wakeupCount = Arena.global().allocate(JAVA_LONG);

    /** The number of entries; the wake-up is the first. */
    private int size = 1;

    private MemorySegment entries = Arena.ofAuto().allocate(8 * ENTRY, 8);

    public PollSet(int wakeup) {
        this.wakeup = wakeup;
        setEntry(0, wakeup, POLLIN);
    }

    public void add(int fd) {
        if (size * ENTRY == entries.byteSize()) {
            MemorySegment larger = Arena.ofAuto().allocate(2 * entries.byteSize(), 8);
            larger.copyFrom(entries);
            entries = larger;
        }
        setEntry(size++, fd, POLLIN);
    }

    /** Removes the descriptor at this index; later ones move up. */
    public void remove(int index) {
        long from = (index + 2L) * ENTRY;
        MemorySegment.copy(entries, from, entries, from - ENTRY, size * (long) ENTRY - from);
        size--;
    }

    /**
     * Replaces the descriptor at this index, or the events that are waited for.
     *
     * @param events 0: only its end
     */
    public void set(int index, int fd, int events) {
        setEntry(index + 1, fd, events);
    }

    /**
     * Finds what is ready.
     *
     * @param timeoutMillis for which to wait until something is; negative: for ever
     */
    public void poll(int timeoutMillis) {
        if (Descriptors.poll(entries, size, timeoutMillis) < 0) {
            // interrupted: nothing is ready, the caller polls again
            for (int i = 0; i < size; i++) {
                entries.set(JAVA_SHORT, i * ENTRY + REVENTS, (short) 0);
            }
        }
        if (entries.get(JAVA_SHORT, REVENTS) != 0) {
            Descriptors.read(wakeup, wakeupCount);
        }
    }

    /** Whether the descriptor at this index has something to read or is at its end. */
    public boolean isReady(int index) {
        return entries.get(JAVA_SHORT, (index + 1L) * ENTRY + REVENTS) != 0;
    }

    private void setEntry(int entry, int fd, int events) {
        entries.set(JAVA_INT, (long) entry * ENTRY, fd);
        entries.set(JAVA_SHORT, (long) entry * ENTRY + EVENTS, (short) events);
        entries.set(JAVA_SHORT, (long) entry * ENTRY + REVENTS, (short) 0);
    }
}
