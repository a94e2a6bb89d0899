package dev.claudebottle.sidecar.lifecycle;

import java.util.OptionalInt;
import java.util.OptionalLong;

/** Where the bundle as a whole is. */
public sealed interface Phase {

    /** Guarding. */
    record Running() implements Phase {}

    /**
     * EffectFormatter to stop, or tearing down.
     *
     * @param since when it began, monotonic
     * @param firstSignal when the first TERM or INT came, monotonic; empty in a teardown that nobody has asked for yet
     * @param teardownCode the exit code, given by the death that caused a teardown; empty: the table decides
     * @param killing patience is over: whatever still turns up gets SIGKILL
     */
    record Stopping(long since, OptionalLong firstSignal, OptionalInt teardownCode, boolean killing) implements Phase {

        Stopping signalled(Timestamp now) {
            return new Stopping(since, OptionalLong.of(now.nanos()), teardownCode, killing);
        }

        Stopping startKilling() {
            return new Stopping(since, firstSignal, teardownCode, true);
        }
    }

    /**
     * {@link Effect.Leave} is out; nothing more happens.
     *
     * @param stopSince when the stop began, monotonic; empty: all daemons ended by themselves
     */
    record Over(OptionalLong stopSince) implements Phase {}

    /** The word of {@code /status}. */
    default String word() {
        return switch (this) {
            case Running _ -> "running";
            case Stopping _, Over _ -> "stopping";
        };
    }
}
