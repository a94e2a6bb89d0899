package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What the bundle as a whole does. */
public sealed interface Phase {

    /** It starts its daemons and keeps them up. */
    record Running() implements Phase {}

    /**
     * It stops, on request or in a teardown.
     *
     * @param since when the stop began, monotonic; later by each pause of us
     * @param firstSignal when the first TERM or INT came, monotonic; empty: the cause is a teardown, and none has come yet
     * @param teardownCode the exit code of the death that caused a teardown; empty: the highest code of all daemons counts
     * @param killing the grace has elapsed or a second signal came: what starts now gets SIGKILL
     */
    record Stopping(long since, OptionalLong firstSignal, OptionalInt teardownCode, boolean killing) implements Phase {

        /** A TERM or INT this long after the first one asks for SIGKILL now; an earlier one repeats the first. */
        public static final Duration SECOND_SIGNAL = Duration.ofSeconds(1);

        static Stopping requested(Timestamp now) {
            return new Stopping(now.nanos(), OptionalLong.of(now.nanos()), OptionalInt.empty(), false);
        }

        static Stopping teardown(Timestamp now, int exitCode) {
            return new Stopping(now.nanos(), OptionalLong.empty(), OptionalInt.of(exitCode), false);
        }

        Stopping signalled(Timestamp now) {
            return new Stopping(since, OptionalLong.of(now.nanos()), teardownCode, killing);
        }

        Stopping later(Duration pause) {
            return new Stopping(since + pause.toNanos(), firstSignal, teardownCode, killing);
        }

        Stopping startKilling() {
            return new Stopping(since, firstSignal, teardownCode, true);
        }
    }

    /**
     * {@link Effect.Leave} is out; nothing more happens.
     *
     * @param stopSince when the stop began, monotonic; empty: every daemon exited without a stop
     */
    record Over(OptionalLong stopSince) implements Phase {}

    /** The word that {@code /status} uses. */
    default String word() {
        return switch (this) {
            case Running _ -> "running";
            case Stopping _, Over _ -> "stopping";
        };
    }
}
