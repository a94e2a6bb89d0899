package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;

/**
 * When we say that something takes long: after 10 s, and each time again after twice as long.
 *
 * @param since when it began, monotonic; later by each pause of us
 * @param after what has passed since then when it is said next
 */
record Reminder(long since, Duration after) {

    private static final Duration FIRST = Duration.ofSeconds(10);

    static Reminder from(Timestamp now) {
        return new Reminder(now.nanos(), FIRST);
    }

    /** Monotonic. */
    long due() {
        return since + after.toNanos();
    }

    /** The last one that is due, when this one is: our timer may be late. */
    Reminder lastDue(Timestamp now) {
        Reminder last = this;
        while (now.reached(last.next().due())) {
            last = last.next();
        }
        return last;
    }

    Reminder next() {
        return new Reminder(since, after.multipliedBy(2));
    }

    Reminder later(Duration pause) {
        return new Reminder(since + pause.toNanos(), after);
    }

    /** {@code 10 s}. */
    String text() {
        return after.toSeconds() + " s";
    }
}
