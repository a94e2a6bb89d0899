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
 * One random bundle on a virtual clock. It simulates supervisor, probes and operator, a {@link SimulatedKernel} the
 * processes. After every step it compares the state machine with the {@link ReferenceModel}, and checks each effect
 * against what the processes do.
 */
final class Simulation {

    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1000 * MILLI;
    private static final long GIVE_UP = 500 * MILLI;

    private record Scheduled(long at, long number, Runnable action) {}

    private record ProbeSeries(String daemon, ProbeKind kind, int start) {}

    private final RandomGenerator random;
    private final Consumer<Supplier<String>> trace;
    private final PriorityQueue<Scheduled> queue =
            new PriorityQueue<>(Comparator.comparingLong(Scheduled::at).thenComparingLong(Scheduled::number));
    private final List<SimulatedDaemon> daemons = new ArrayList<>();
    private final Set<ProbeSeries> probes = new HashSet<>();
    private final ReferenceModel reference;
    private final SimulatedKernel kernel;
    private final NotificationOrder notificationOrder = new NotificationOrder();
    /** How late the supervisor's timer is. */
    private final long lateness;

    private BundleState state;
    private Event latest;
    private long now;
    private long queued;
    private int steps;
    private long latestAnswer;
    private long latestReturn;

    Simulation(long seed, Consumer<Supplier<String>> trace) {
        this.trace = trace;
        random = new SplittableRandom(seed);
        lateness = random.nextBoolean() ? 0 : random.nextLong(2 * MILLI);
        kernel = new SimulatedKernel(this, random);
        now = random.nextLong(-10 * SECOND, 10 * SECOND);
        latestAnswer = now;
        latestReturn = now;
        Bundle bundle = new RandomBundle(random).of(daemons);
        reference = new ReferenceModel(bundle);
        state = BundleState.initial(bundle, random.nextLong());
    }

    /** @return the number of steps */
    int run() {
        long lifetime = random.nextInt(8) == 0 ? random.nextLong(30 * MILLI) : random.nextLong(60 * SECOND);
        later(random.nextLong(5 * MILLI), () -> deliver(new Event.Begin()));
        later(lifetime, this::operatorStops);
        for (int i = random.nextInt(4); i > 0; i--) {
            later(lifetime + random.nextLong(10 * SECOND), this::operatorStops);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            String daemon = SimulatedDaemon.pick(daemons, random).name();
            later(random.nextLong(12 * SECOND), () -> {
                deliver(new Event.OutputHeld(daemon));
                later(random.nextLong(5 * SECOND), () -> deliver(new Event.OutputReleased(daemon)));
            });
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            later(random.nextLong(12 * SECOND), () -> deliver(new Event.TimePassed()));
            later(random.nextLong(lifetime + SECOND), () -> deliver(new Event.HangUp()));
        }
        for (int i = random.nextInt(8); i > 0; i--) {
            String daemon = SimulatedDaemon.pick(daemons, random).name();
            later(random.nextLong(lifetime + SECOND), () -> deliver(new Event.RestartRequested(daemon)));
        }
        while (!reference.over) {
            boolean timer = state.deadline().isPresent()
                    && (queue.isEmpty()
                            || state.deadline().getAsLong() + lateness
                                    < queue.peek().at());
            if (timer) {
                long idleSince = now;
                now = Math.max(now, state.deadline().getAsLong() + lateness);
                if (random.nextInt(50) == 0) {
                    suspend(idleSince);
                    continue;
                }
                BundleState before = state;
                deliver(new Event.TimePassed());
                boolean passed = state.deadline().orElse(now + 1) <= now;
                check(!passed || !state.equals(before), "a deadline has passed and changes nothing");
            } else {
                check(!queue.isEmpty(), "no event will follow");
                Scheduled next = queue.poll();
                // later than planned when we were suspended
                now = Math.max(now, next.at());
                next.action().run();
            }
        }
        nothingFollows();
        return steps;
    }

    /** The supervisor, and perhaps every process, is suspended until after its deadline. */
    private void suspend(long since) {
        now += random.nextLong(20 * SECOND);
        latestReturn = now;
        deliver(new Event.Resumed(Duration.ofNanos(now - since)));
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
        if (reference.over) {
            return;
        }
        latest = event;
        boolean wasReady = reference.ready();
        if (event instanceof Event.Started || event instanceof Event.StartFailed) {
            latestAnswer = now;
        }
        Lifecycle.Step step = Lifecycle.step(state, event, timestamp());
        steps++;
        trace.accept(() -> now / 1_000_000.0 + " ms: " + event + " -> " + EffectFormatter.of(step.effects()));
        state = step.state();
        reference.apply(event, now, delays(step.effects()));
        if (reference.ready() && !wasReady) {
            reference.expected.notification("bundle.ready");
        }
        compare(EffectFormatter.Kinds.of(step.effects()));
        step.effects().forEach(this::carryOut);
    }

    private void compare(EffectFormatter.Kinds actual) {
        check(actual.equals(reference.expected), () -> actual + "\n instead of " + reference.expected);
        for (int i = 0; i < daemons.size(); i++) {
            DaemonModel.View view = DaemonModel.View.of(state.daemons().get(i), now);
            DaemonModel.View expected = reference.models.get(i).view(now);
            check(view.equals(expected), () -> view + "\n instead of " + expected);
        }
        Long deadline = state.deadline().isPresent() ? state.deadline().getAsLong() : null;
        check(
                Objects.equals(deadline, reference.deadline().orElse(null)),
                () -> "waits until " + deadline + " instead of " + reference.deadline());
        check(state.ready() == reference.ready(), "ready");
        check(state.started() == reference.models.stream().allMatch(model -> model.everReady), "started");
        check(state.phase() instanceof Phase.Over == reference.over, "over");
    }

    private static Map<String, Duration> delays(List<Effect> effects) {
        Map<String, Duration> delays = new HashMap<>();
        for (Effect effect : effects) {
            if (effect instanceof Effect.Publish(Notification notification)) {
                notification
                        .nextStartIn()
                        .ifPresent(delay ->
                                delays.put(notification.daemon().orElseThrow().name(), delay));
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
            case Effect.SignalSession(String name, Signal signal) -> {
                checkSignal(find(name), signal);
                kernel.signal(find(name), signal);
            }
            case Effect.StartProbe(String name, ProbeKind kind, int start) ->
                probe(new ProbeSeries(name, kind, start), true);
            case Effect.StopProbes(String name) ->
                probes.removeIf(each -> each.daemon().equals(name));
            case Effect.Publish(Notification notification) -> {
                notificationOrder.next(notification);
                if (notification.type() == Notification.Type.DAEMON_READY) {
                    find(notification.daemon().orElseThrow().name()).publishedReady = true;
                }
            }
            case Effect.Leave _ -> leave();
        }
    }

    private void checkStart(SimulatedDaemon daemon) {
        check(reference.stop.since.isEmpty(), "a start after the stop began");
        check(!daemon.startUnderWay && daemon.down(), "a second live start of " + daemon.name());
        for (SimulatedDaemon other : daemons) {
            boolean needed = daemon.daemon.dependsOn().contains(other.name());
            check(!needed || other.publishedReady, "a start before its dependency");
        }
    }

    private void probe(ProbeSeries series, boolean first) {
        if (first) {
            probes.add(series);
        }
        SimulatedDaemon daemon = find(series.daemon());
        later(first && random.nextBoolean() ? random.nextLong(20 * MILLI) : random.nextLong(3 * SECOND), () -> {
            Optional<String> failure =
                    random.nextDouble() < daemon.failure(series.kind()) ? Optional.of("refused") : Optional.empty();
            Event answer = random.nextInt(12) == 0
                    ? new Event.NotProbed(series.daemon(), series.kind(), series.start(), "Too many open files")
                    : new Event.Probed(series.daemon(), series.kind(), series.start(), failure);
            deliver(answer);
            if (random.nextInt(10) == 0) {
                // the same answer again, perhaps much too late
                later(random.nextLong(10 * SECOND), () -> deliver(answer));
            }
            if (probes.contains(series)) {
                probe(series, false);
            }
        });
    }

    private void checkSignal(SimulatedDaemon daemon, Signal signal) {
        check(daemon.session != null, "a signal to a daemon that never ran");
        DaemonModel model = reference.find(daemon.name());
        if (signal.equals(Signal.KILL)) {
            check(
                    reference.stop.graceElapsed(model) || reference.stop.killing,
                    "SIGKILL before the grace of " + daemon.name());
        } else if (isStopSignal(daemon, signal)) {
            boolean inTime =
                    reference.stop.since.isPresent() && !reference.stop.halfGraceElapsed() && !reference.stop.killing;
            // it died in the stop before its stop signal; the session that it left gets that now
            boolean diedNow =
                    latest instanceof Event.Exited exited && exited.daemon().equals(daemon.name());
            check(!inTime || diedNow || dependentsAreDown(daemon), "stopped before its dependents");
        } else {
            check(signal.equals(Signal.CONT) || signal.equals(Signal.HUP), () -> signal + " to " + daemon.name());
        }
    }

    /** A forwarded HUP is none, even if it is the stop signal of the daemon. */
    boolean isStopSignal(SimulatedDaemon daemon, Signal signal) {
        return !(latest instanceof Event.HangUp) && signal.equals(daemon.daemon.stopSignal());
    }

    private boolean dependentsAreDown(SimulatedDaemon daemon) {
        return daemons.stream()
                .filter(other -> other.daemon.dependsOn().contains(daemon.name()))
                .allMatch(this::isDown);
    }

    private boolean isDown(SimulatedDaemon daemon) {
        boolean empty = daemon.down() && (daemon.session == null || !daemon.session.members);
        // a process that SIGKILL does not end was given up, and a session that a restart left got SIGKILL
        boolean excused = !daemon.killable || daemon.down() && mayHaveLeftASession(reference.find(daemon.name()));
        return empty || excused && reference.find(daemon.name()).isDown();
    }

    private static boolean mayHaveLeftASession(DaemonModel model) {
        return model.policy == FailurePolicy.RESTART || model.everRestarted;
    }

    private void leave() {
        if (reference.stop.since.isPresent()) {
            long latest =
                    Math.max(reference.stop.graceEnd(), Math.max(latestAnswer, latestReturn)) + GIVE_UP + 2 * lateness;
            check(now <= latest, "the stop ends too late");
            check(daemons.stream().allMatch(this::isDown), "the stop leaves a process");
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
                new Event.NotProbed(any, ProbeKind.READINESS, 1, "Too many open files"),
                new Event.OutputHeld(any),
                new Event.OutputReleased(any),
                new Event.RestartRequested(any),
                new Event.HangUp(),
                new Event.Resumed(Duration.ofSeconds(random.nextLong(100))),
                new Event.SessionEmptied(any),
                new Event.TimePassed());
        now += random.nextLong(20 * SECOND);
        for (Event event : events) {
            Lifecycle.Step step = Lifecycle.step(state, event, timestamp());
            steps++;
            check(step.effects().isEmpty() && step.state() == state, "an effect after leaving");
        }
    }

    /** Whether the supervisor watches this process session. */
    boolean watches(String daemon, int session) {
        return state.daemon(daemon).sessionToWatch().orElse(-1) == session;
    }

    private SimulatedDaemon find(String name) {
        return daemons.get(Integer.parseInt(name.substring(1)));
    }

    void later(long nanos, Runnable action) {
        queue.add(new Scheduled(now + Math.max(0, nanos), queued++, action));
    }

    private Timestamp timestamp() {
        return new Timestamp(now, DaemonModel.timestamp(now));
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
