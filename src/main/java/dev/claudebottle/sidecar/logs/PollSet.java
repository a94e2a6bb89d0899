package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the pump waits for: its wake-up, an eventfd, and every pipe. An array of struct pollfd (poll(2)). */
final class PollSet {

    /** The size and the offsets of struct pollfd: int fd, short events, short revents. */
    private static final int ENTRY = 8;

    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final short POLLIN = 1;

    /** poll(2) ignores a negative descriptor. */
    private static final int NONE = -1;

    private final int wakeup;
    private final MemorySegment wakeupCount = Arena.global().allocate(JAVA_LONG);

    /** The number of entries; the wake-up is the first. */
    private int size = 1;

    private MemorySegment entries = Arena.ofAuto().allocate(8 * ENTRY, 8);

    PollSet(int wakeup) {
        this.wakeup = wakeup;
        set(0, wakeup);
    }

    void add(int fd) {
        if (size * ENTRY == entries.byteSize()) {
            MemorySegment larger = Arena.ofAuto().allocate(2 * entries.byteSize(), 8);
            larger.copyFrom(entries);
            entries = larger;
        }
        set(size++, fd);
    }

    /** Removes the pipe at this index; later ones move up. */
    void remove(int index) {
        long from = (index + 2L) * ENTRY;
        MemorySegment.copy(entries, from, entries, from - ENTRY, size * (long) ENTRY - from);
        size--;
    }

    /** The pipe at this index has no descriptor any more. */
    void disable(int index) {
        set(index + 1, NONE);
    }

    /**
     * Finds what is ready.
     *
     * @param wait whether to wait until something is
     */
    void poll(boolean wait) {
        if (Descriptors.poll(entries, size, wait ? -1 : 0) < 0) {
            // interrupted: nothing is ready, the caller polls again
            for (int i = 0; i < size; i++) {
                entries.set(JAVA_SHORT, i * ENTRY + REVENTS, (short) 0);
            }
        }
        if (entries.get(JAVA_SHORT, REVENTS) != 0) {
            Descriptors.read(wakeup, wakeupCount);
        }
    }

    /** Whether the pipe at this index has something to read or is at its end. */
    boolean isReady(int index) {
        return entries.get(JAVA_SHORT, (index + 1L) * ENTRY + REVENTS) != 0;
    }

    private void set(int entry, int fd) {
        entries.set(JAVA_INT, (long) entry * ENTRY, fd);
        entries.set(JAVA_SHORT, (long) entry * ENTRY + EVENTS, POLLIN);
        entries.set(JAVA_SHORT, (long) entry * ENTRY + REVENTS, (short) 0);
    }
}
