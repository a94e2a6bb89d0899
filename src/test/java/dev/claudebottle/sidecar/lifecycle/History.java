package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The life of one random bundle on a virtual clock. Plays supervisor, probes and operator beside a {@link Kernel};
 * after every step compares with {@link Books}, and holds what the machine wants against what the processes really do.
 */
final class History {

    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1000 * MILLI;
    private static final long GIVE_UP = 500 * MILLI;

    private record Due(long at, long number, Runnable action) {}

    private record Asking(String daemon, ProbeKind kind, int start) {}

    private final RandomGenerator random;
    private final Consumer<Supplier<String>> trace;
    private final PriorityQueue<Due> queue =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::number));
    private final List<SimulatedDaemon> daemons = new ArrayList<>();
    private final Set<Asking> asking = new HashSet<>();
    private final Books books;
    private final Kernel kernel;
    private final NoticeOrder noticeOrder = new NoticeOrder();
    /** How late the supervisor's timer is. */
    private final long lateness;

    private BundleState state;
    private Event latest;
    private long now;
    private long queued;
    private int steps;
    private long latestAnswer;

    History(long seed, Consumer<Supplier<String>> trace) {
        this.trace = trace;
        random = new SplittableRandom(seed);
        lateness = random.nextBoolean() ? 0 : random.nextLong(2 * MILLI);
        kernel = new Kernel(this, random);
        now = random.nextLong(-10 * SECOND, 10 * SECOND);
        latestAnswer = now;
        Bundle bundle = new RandomBundle(random).of(daemons);
        books = new Books(bundle);
        state = BundleState.initial(bundle, random.nextLong());
    }

    /** @return the number of steps */
    int run() {
        long life = random.nextInt(8) == 0 ? random.nextLong(30 * MILLI) : random.nextLong(60 * SECOND);
        later(random.nextLong(5 * MILLI), () -> deliver(new Event.Begin()));
        later(life, this::operatorStops);
        for (int i = random.nextInt(4); i > 0; i--) {
            later(life + random.nextLong(10 * SECOND), this::operatorStops);
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            later(random.nextLong(12 * SECOND), () -> deliver(new Event.TimePassed()));
            later(random.nextLong(life + SECOND), () -> deliver(new Event.HangUp()));
        }
        while (!books.over) {
            boolean timer = state.deadline().isPresent()
                    && (queue.isEmpty()
                            || state.deadline().getAsLong() + lateness
                                    < queue.peek().at());
            if (timer) {
                now = Math.max(now, state.deadline().getAsLong() + lateness);
                BundleState before = state;
                deliver(new Event.TimePassed());
                boolean passed = state.deadline().orElse(now + 1) <= now;
                check(!passed || !state.equals(before), "a deadline that has passed, and nothing done about it");
            } else {
                check(!queue.isEmpty(), "nothing will ever happen");
                Due due = queue.poll();
                now = due.at();
                due.action().run();
            }
        }
        nothingFollows();
        return steps;
    }

    private void operatorStops() {
        deliver(new Event.StopRequested(random.nextBoolean() ? Signal.TERM : Signal.INT));
        if (random.nextInt(3) == 0) {
            // about, and often exactly, a second later
            later(
                    SECOND + random.nextInt(-1, 2) * random.nextLong(300 * MILLI),
                    () -> deliver(new Event.StopRequested(Signal.TERM)));
        }
    }

    void deliver(Event event) {
        if (books.over) {
            return;
        }
        latest = event;
        boolean wasReady = books.ready();
        if (event instanceof Event.Started || event instanceof Event.StartFailed) {
            latestAnswer = now;
        }
        Lifecycle.Step step = Lifecycle.step(state, event, moment());
        steps++;
        trace.accept(() -> now / 1_000_000.0 + " ms: " + event + " -> " + Told.of(step.effects()));
        state = step.state();
        books.enter(event, now, delays(step.effects()));
        if (books.ready() && !wasReady) {
            books.due.notice("bundle.ready");
        }
        compare(Told.Kinds.of(step.effects()));
        step.effects().forEach(this::carryOut);
    }

    private void compare(Told.Kinds actual) {
        check(actual.equals(books.due), () -> actual + "\n instead of " + books.due);
        for (int i = 0; i < daemons.size(); i++) {
            Ledger.View view = Ledger.View.of(state.daemons().get(i), now);
            Ledger.View expected = books.ledgers.get(i).view(now);
            check(view.equals(expected), () -> view + "\n instead of " + expected);
        }
        Long deadline = state.deadline().isPresent() ? state.deadline().getAsLong() : null;
        check(
                Objects.equals(deadline, books.deadline().orElse(null)),
                () -> "waits until " + deadline + " instead of " + books.deadline());
        check(state.ready() == books.ready(), "ready");
        check(state.started() == books.ledgers.stream().allMatch(ledger -> ledger.everReady), "started");
        check(state.phase() instanceof Phase.Over == books.over, "over");
    }

    private static Map<String, Duration> delays(List<Effect> effects) {
        Map<String, Duration> delays = new HashMap<>();
        for (Effect effect : effects) {
            if (effect instanceof Effect.Publish(Notice notice)) {
                notice.nextStartIn()
                        .ifPresent(delay ->
                                delays.put(notice.daemon().orElseThrow().name(), delay));
            }
        }
        return delays;
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Say _, Effect.SayAfterLastWords _ -> {}
            case Effect.Start(String name) -> {
                checkStart(find(name));
                kernel.start(find(name));
            }
            case Effect.SignalGroup(String name, Signal signal) -> {
                checkSignal(find(name), signal);
                kernel.signal(find(name), signal);
            }
            case Effect.StartProbe(String name, ProbeKind kind, int start) -> ask(new Asking(name, kind, start), true);
            case Effect.StopProbes(String name) ->
                asking.removeIf(each -> each.daemon().equals(name));
            case Effect.Publish(Notice notice) -> {
                noticeOrder.next(notice);
                if (notice.type() == Notice.Type.DAEMON_READY) {
                    find(notice.daemon().orElseThrow().name()).saidReadyOnce = true;
                }
            }
            case Effect.Leave _ -> leave();
        }
    }

    private void checkStart(SimulatedDaemon daemon) {
        check(books.stop.since.isEmpty(), "a start after the stop began");
        check(!daemon.startUnderWay && daemon.down(), "a second live start of " + daemon.name());
        for (SimulatedDaemon other : daemons) {
            boolean needed = daemon.daemon.dependsOn().contains(other.name());
            check(!needed || other.saidReadyOnce, "a start before its dependency");
        }
    }

    private void ask(Asking question, boolean first) {
        if (first) {
            asking.add(question);
        }
        SimulatedDaemon daemon = find(question.daemon());
        later(first && random.nextBoolean() ? random.nextLong(20 * MILLI) : random.nextLong(3 * SECOND), () -> {
            Optional<String> failure =
                    random.nextDouble() < daemon.failure(question.kind()) ? Optional.of("refused") : Optional.empty();
            Event answer = new Event.Probed(question.daemon(), question.kind(), question.start(), failure);
            deliver(answer);
            if (random.nextInt(10) == 0) {
                // once more, perhaps much too late
                later(random.nextLong(10 * SECOND), () -> deliver(answer));
            }
            if (asking.contains(question)) {
                ask(question, false);
            }
        });
    }

    private void checkSignal(SimulatedDaemon daemon, Signal signal) {
        check(daemon.group != null, "a signal to what never ran");
        Ledger ledger = books.find(daemon.name());
        if (signal.equals(Signal.KILL)) {
            check(
                    books.stop.graceIsOver(ledger) || books.stop.patienceOver,
                    "SIGKILL before the grace of " + daemon.name());
        } else if (isStopSignal(daemon, signal)) {
            boolean inTime =
                    books.stop.since.isPresent() && !books.stop.halfTheGraceIsOver() && !books.stop.patienceOver;
            // it died in the stop, before its stop signal; what it left gets that at once
            boolean diedNow =
                    latest instanceof Event.Exited exited && exited.daemon().equals(daemon.name());
            check(!inTime || diedNow || dependantsAreDown(daemon), "stopped before its dependants");
        } else {
            check(signal.equals(Signal.CONT) || signal.equals(Signal.HUP), () -> signal + " to " + daemon.name());
        }
    }

    /** And not HUP, forwarded to one whose stop signal that is. */
    boolean isStopSignal(SimulatedDaemon daemon, Signal signal) {
        return !(latest instanceof Event.HangUp) && signal.equals(daemon.daemon.stopSignal());
    }

    private boolean dependantsAreDown(SimulatedDaemon daemon) {
        return daemons.stream()
                .filter(other -> other.daemon.dependsOn().contains(daemon.name()))
                .allMatch(this::isDown);
    }

    private boolean isDown(SimulatedDaemon daemon) {
        boolean nothingLeft = daemon.down() && (daemon.group == null || !daemon.group.members);
        // what the kernel holds has been given up, and what a restart left has got SIGKILL
        boolean excused =
                !daemon.killable || daemon.down() && books.find(daemon.name()).policy == FailurePolicy.RESTART;
        return nothingLeft || excused && books.find(daemon.name()).isDown();
    }

    private void leave() {
        if (books.stop.since.isPresent()) {
            long latest = Math.max(books.stop.graceEnd(), latestAnswer) + GIVE_UP + 2 * lateness;
            check(now <= latest, "a stop that ends too late");
            check(daemons.stream().allMatch(this::isDown), "a stop that leaves something");
        }
    }

    private void nothingFollows() {
        String any = SimulatedDaemon.pick(daemons, random).name();
        List<Event> events = List.of(
                new Event.Begin(),
                new Event.Started(any, 1),
                new Event.StopRequested(Signal.TERM),
                new Event.Exited(any, new ExitStatus.Code(1), random.nextBoolean(), null),
                new Event.Probed(any, ProbeKind.READINESS, 1, Optional.empty()),
                new Event.HangUp(),
                new Event.GroupEmptied(any),
                new Event.TimePassed());
        now += random.nextLong(20 * SECOND);
        for (Event event : events) {
            Lifecycle.Step step = Lifecycle.step(state, event, moment());
            steps++;
            check(step.effects().isEmpty() && step.state() == state, "something after leaving");
        }
    }

    /** Whether the supervisor looks at this process group. */
    boolean watches(String daemon, int group) {
        return state.daemon(daemon).groupToWatch().orElse(-1) == group;
    }

    private SimulatedDaemon find(String name) {
        return daemons.get(Integer.parseInt(name.substring(1)));
    }

    void later(long nanos, Runnable action) {
        queue.add(new Due(now + Math.max(0, nanos), queued++, action));
    }

    private Moment moment() {
        return new Moment(now, Ledger.moment(now));
    }

    private static void check(boolean holds, String what) {
        check(holds, () -> what);
    }

    private static void check(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new AssertionError(what.get());
        }
    }
}
