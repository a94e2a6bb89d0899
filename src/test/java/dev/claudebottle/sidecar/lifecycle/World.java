package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * One moment of an exhaustive search: the state machine, what its environment knows, and the time. Every time and every
 * duration of the bundle is a whole number of ticks, so an event comes before, at and after each deadline.
 *
 * @param begun {@link Event.Begin} has been delivered
 * @param now monotonic
 */
record World(BundleState state, boolean begun, ObservedStop stop, List<ObservedDaemon> daemons, long now) {

    static final long TICK = Duration.ofMillis(500).toNanos();

    /** The seed whose next random number, the jitter of a restart, is zero: a delay has to be a whole number of ticks. */
    private static final long NO_JITTER = 0x91b678364ed2d930L;

    /** What a move leads to; a move without a step of the state machine has no effects. */
    record Outcome(World world, List<Effect> effects) {}

    World {
        daemons = List.copyOf(daemons);
    }

    static World initial(SearchedBundle searched) {
        BundleState state = BundleState.initial(searched.bundle(), NO_JITTER);
        List<ObservedDaemon> daemons = Stream.generate(() -> ObservedDaemon.NEW)
                .limit(state.daemons().size())
                .toList();
        return new World(state, false, ObservedStop.NONE, daemons, 0);
    }

    /** @throws AssertionError if an invariant does not hold */
    Outcome after(Move move) {
        return switch (move) {
            case Move.Wait _ -> new Outcome(waited(), List.of());
            case Move.Pause(Duration length) -> paused(length.toNanos()).deliver(new Event.Resumed(length));
            case Move.Deliver(Event event) -> deliver(event);
        };
    }

    private World waited() {
        Overdue.check(this);
        World later = new World(state, begun, stop, daemons, now + TICK);
        Overdue.checkEnd(later);
        return later;
    }

    private World paused(long pause) {
        List<ObservedDaemon> later =
                daemons.stream().map(daemon -> daemon.later(pause)).toList();
        return new World(state, begun, stop.later(pause), later, now + pause);
    }

    private Outcome deliver(Event event) {
        Lifecycle.Step step = Lifecycle.step(state, event, timestamp());
        BundleState after = new BundleState(
                step.state().bundle(), step.state().phase(), step.state().daemons(), NO_JITTER);
        World next = new Observer(this, event, after).observe(step.effects());
        Invariants.check(this, event, step.effects(), next);
        return new Outcome(next, step.effects());
    }

    /**
     * Whether a process of its session is left and a stop has to wait for it: it has not been given up, and no restart has
     * killed it.
     */
    boolean hasToEnd(int daemon) {
        ObservedDaemon observed = daemons.get(daemon);
        return observed.session().exists()
                && observed.past().nextStart().isEmpty()
                && !state.daemons().get(daemon).isDown();
    }

    /** Whether it is this world unchanged, as far as references tell. */
    boolean isUnchangedIn(World next) {
        boolean unchanged =
                state.phase() == next.state.phase() && stop == next.stop && begun == next.begun && now == next.now;
        for (int i = 0; i < daemons.size() && unchanged; i++) {
            unchanged = daemons.get(i) == next.daemons.get(i)
                    && state.daemons().get(i) == next.state.daemons().get(i);
        }
        return unchanged;
    }

    boolean stopping() {
        return state.phase() instanceof Phase.Stopping;
    }

    boolean running() {
        return state.phase() instanceof Phase.Running;
    }

    boolean reached(long time) {
        return now - time >= 0;
    }

    Timestamp timestamp() {
        return new Timestamp(now, Instant.EPOCH.plusNanos(now));
    }
}
