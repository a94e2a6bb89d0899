package dev.claudebottle.sidecar.lifecycle;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the environment of an exhaustive search knows about the bundle's stop. All times are monotonic.
 *
 * @param since when it began; empty: it has not
 * @param firstTerm when the first TERM came
 * @param killing a TERM came at least a second after the first
 * @param teardownCode the exit code of the death that caused it
 * @param endsBy when it has to be over, unless a start has not been answered yet
 */
record ObservedStop(
        OptionalLong since, OptionalLong firstTerm, boolean killing, OptionalInt teardownCode, long endsBy) {

    /** The contract's, written down a second time: the state machine must not check itself. */
    static final long SECOND_TERM = 1_000_000_000L;

    static final long GIVE_UP = 500_000_000L;

    static final ObservedStop NONE =
            new ObservedStop(OptionalLong.empty(), OptionalLong.empty(), false, OptionalInt.empty(), 0);

    boolean began() {
        return since.isPresent();
    }

    ObservedStop begin(long now, long grace, OptionalInt teardown) {
        return new ObservedStop(OptionalLong.of(now), firstTerm, killing, teardown, now + grace + GIVE_UP);
    }

    ObservedStop term(long now) {
        if (firstTerm.isEmpty()) {
            return new ObservedStop(since, OptionalLong.of(now), killing, teardownCode, endsBy);
        }
        boolean kill = killing || now - firstTerm.getAsLong() >= SECOND_TERM;
        return new ObservedStop(since, firstTerm, kill, teardownCode, endsBy);
    }

    /** What starts late gets SIGKILL at once, and may survive it. */
    ObservedStop startAnswered(long now) {
        return new ObservedStop(since, firstTerm, killing, teardownCode, Math.max(endsBy, now + GIVE_UP));
    }

    ObservedStop later(long pause) {
        return new ObservedStop(later(since, pause), firstTerm, killing, teardownCode, endsBy + pause);
    }

    static OptionalLong later(OptionalLong time, long pause) {
        return time.isPresent() ? OptionalLong.of(time.getAsLong() + pause) : time;
    }
}
