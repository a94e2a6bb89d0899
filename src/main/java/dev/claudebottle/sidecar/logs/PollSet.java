package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the pump sleeps on: its wake-up, and every pipe. An array of struct pollfd, as poll(2) wants it. */
final class PollSet {

    private static final int ENTRY = 8;
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final short POLLIN = 1;

    private final int wakeup;
    private final MemorySegment wakeups = Arena.global().allocate(JAVA_LONG);

    /** The wake-up comes first. */
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

    /** Takes out the pipe at this place; those behind it move up. */
    void remove(int index) {
        long from = (index + 2L) * ENTRY;
        MemorySegment.copy(entries, from, entries, from - ENTRY, size * (long) ENTRY - from);
        size--;
    }

    /** Sleeps until something is ready; {@code maySleep} false: only looks. */
    void await(boolean maySleep) {
        if (Descriptors.poll(entries, size, maySleep ? -1 : 0) < 0) {
            // interrupted: nothing is ready, and the caller comes back
            for (int i = 0; i < size; i++) {
                entries.set(JAVA_SHORT, i * ENTRY + REVENTS, (short) 0);
            }
        }
        if (entries.get(JAVA_SHORT, REVENTS) != 0) {
            Descriptors.read(wakeup, wakeups);
        }
    }

    /** Whether the pipe at this place has something to read, or is at its end. */
    boolean isReady(int index) {
        return entries.get(JAVA_SHORT, (index + 1L) * ENTRY + REVENTS) != 0;
    }

    private void set(int place, int fd) {
        entries.set(JAVA_INT, (long) place * ENTRY, fd);
        entries.set(JAVA_SHORT, (long) place * ENTRY + EVENTS, POLLIN);
        entries.set(JAVA_SHORT, (long) place * ENTRY + REVENTS, (short) 0);
    }
}
