package dev.claudebottle.sidecar.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The life of one random bundle on a virtual clock. Plays supervisor, kernel and operator, keeps its own books by the
 * contract, and compares after every step.
 */
final class History {

    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1000 * MILLI;
    private static final long GIVE_UP = 500 * MILLI;
    private static final List<String> GRACES = List.of("0s", "700ms", "2s", "8s", "8s");
    private static final String LEAVE_CLAUSE =
            "; leaving surviving daemons running (operator-visible via agent-side failure)";

    private record Due(long at, long number, Runnable action) {}

    private final RandomGenerator random;
    private final Consumer<Supplier<String>> trace;
    private final PriorityQueue<Due> queue =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::number));
    private final List<SimulatedDaemon> daemons = new ArrayList<>();
    private final long grace;
    /** How late the supervisor's timer is. */
    private final long lateness;

    private BundleState state;
    private long now;
    private long queued;
    private int steps;
    private int nextPid = 2;

    // the books
    private Optional<Long> stopSince = Optional.empty();
    private Optional<Long> firstSignal = Optional.empty();
    private Optional<Integer> causeCode = Optional.empty();
    private boolean patienceOver;
    private boolean secondSignalNow;
    private long latestAnswer;
    private boolean left;

    History(long seed, Consumer<Supplier<String>> trace) {
        this.trace = trace;
        random = new SplittableRandom(seed);
        FailurePolicy policy = random.nextInt(3) == 0 ? FailurePolicy.TEARDOWN : FailurePolicy.LEAVE;
        TimeSpan span = Bundles.span(SimulatedDaemon.pick(GRACES, random));
        grace = span.duration().toNanos();
        lateness = random.nextBoolean() ? 0 : random.nextLong(2 * MILLI);
        now = random.nextLong(-10 * SECOND, 10 * SECOND);
        latestAnswer = now;
        int size = 1 + random.nextInt(8);
        for (int i = 0; i < size; i++) {
            daemons.add(new SimulatedDaemon("d" + i, policy, span, random));
        }
        Bundle bundle = Bundles.bundle(
                policy, span.text(), daemons.stream().map(each -> each.daemon).toArray(Daemon[]::new));
        state = BundleState.initial(bundle);
    }

    /** @return the number of steps */
    int run() {
        later(random.nextLong(5 * MILLI), () -> deliver(new Event.Begin()));
        for (int i = random.nextInt(5); i > 0; i--) {
            long at = random.nextInt(4) == 0 ? random.nextLong(20 * MILLI) : random.nextLong(12 * SECOND);
            later(at, this::operatorStops);
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            later(random.nextLong(12 * SECOND), () -> deliver(new Event.TimePassed()));
        }
        while (!left) {
            boolean timer = state.deadline().isPresent()
                    && (queue.isEmpty()
                            || state.deadline().getAsLong() + lateness
                                    < queue.peek().at());
            if (timer) {
                now = Math.max(now, state.deadline().getAsLong() + lateness);
                deliver(new Event.TimePassed());
            } else if (!queue.isEmpty()) {
                Due due = queue.poll();
                now = due.at();
                due.action().run();
            } else {
                assertThat(stopSince).as("a stop that waits for nothing").isEmpty();
                now += random.nextLong(60 * SECOND);
                operatorStops();
            }
        }
        nothingFollows();
        return steps;
    }

    private void operatorStops() {
        deliver(new Event.StopRequested(random.nextBoolean() ? Signal.TERM : Signal.INT));
        if (!left && random.nextInt(3) == 0) {
            // about, and often exactly, a second later
            later(
                    SECOND + random.nextInt(-1, 2) * random.nextLong(300 * MILLI),
                    () -> deliver(new Event.StopRequested(Signal.TERM)));
        }
    }

    private void deliver(Event event) {
        if (left) {
            return;
        }
        Lifecycle.Step step = Lifecycle.step(state, event, moment());
        steps++;
        trace.accept(() -> moment().utc() + " " + event + " -> " + step.effects());
        state = step.state();
        List<String> deaths = enter(event);
        carryOut(step.effects());
        compare(event, step.effects(), deaths);
    }

    /** Books the event; returns the lines about an end that it has to cause. */
    private List<String> enter(Event event) {
        secondSignalNow = false;
        return switch (event) {
            case Event.Begin _ -> List.of();
            case Event.Started(String name, int pid) -> {
                SimulatedDaemon daemon = find(name);
                daemon.answered = true;
                daemon.pid = pid;
                daemon.startedAt = moment().utc();
                latestAnswer = now;
                yield List.of();
            }
            case Event.StartFailed(String name, int code, String subject, String error) -> {
                SimulatedDaemon daemon = find(name);
                daemon.answered = true;
                daemon.failed = true;
                daemon.lastExit = Optional.of(new LastExit(code, null, moment().utc(), error, null));
                daemon.code = code;
                latestAnswer = now;
                yield List.of("cannot start " + name + ": " + subject + ": " + error + clauseOfDeath(daemon));
            }
            case Event.Exited(String name, ExitStatus status, boolean groupLeft, Boolean oomKilled) -> {
                SimulatedDaemon daemon = find(name);
                daemon.reported = true;
                daemon.groupLeft = groupLeft;
                daemon.deadBeforeStop = stopSince.isEmpty();
                daemon.code = daemon.countsAs(status);
                String number = switch (status) {
                    case ExitStatus.Code(int code) -> "" + code;
                    case ExitStatus.Killed(Signal by, boolean _) -> 128 + by.number() + " (" + by + ")";
                };
                String signal = status instanceof ExitStatus.Killed killed
                        ? killed.signal().toString()
                        : null;
                daemon.lastExit = Optional.of(
                        new LastExit(Integer.parseInt(number.split(" ")[0]), signal, moment().utc(), null, oomKilled));
                yield List.of(name + " exited with code " + number + clauseOfDeath(daemon));
            }
            case Event.GroupEmptied(String name) -> {
                find(name).groupLeft = false;
                yield List.of();
            }
            case Event.StopRequested _ -> {
                if (stopSince.isEmpty()) {
                    stopSince = Optional.of(now);
                    firstSignal = Optional.of(now);
                } else if (firstSignal.isEmpty()) {
                    firstSignal = Optional.of(now);
                } else if (now - firstSignal.get() >= SECOND && !patienceOver) {
                    patienceOver = true;
                    secondSignalNow = true;
                }
                yield List.of();
            }
            case Event.TimePassed _ -> {
                for (SimulatedDaemon daemon : daemons) {
                    if (daemon.heldUp() && daemon.killedAt.isPresent() && now >= daemon.killedAt.get() + GIVE_UP) {
                        daemon.givenUp = true;
                    }
                }
                patienceOver |= stopSince.isPresent() && now >= stopSince.get() + grace;
                yield List.of();
            }
        };
    }

    /** Books a death if this end is one; an end in a stop is none. */
    private String clauseOfDeath(SimulatedDaemon daemon) {
        if (stopSince.isPresent()) {
            return "";
        }
        daemon.gapSince = Optional.of(now);
        return switch (daemon.policy) {
            case LEAVE -> LEAVE_CLAUSE;
            case TEARDOWN -> {
                stopSince = Optional.of(now);
                causeCode = Optional.of(daemon.code);
                yield "; shutting down the bundle";
            }
        };
    }

    private void carryOut(List<Effect> effects) {
        for (Effect effect : effects) {
            assertThat(left).as("an effect after leaving").isFalse();
            switch (effect) {
                case Effect.Say _, Effect.SayAfterLastWords _ -> {}
                case Effect.Start(String name) -> start(find(name));
                case Effect.SignalGroup(String name, Signal signal) -> signal(find(name), signal);
                case Effect.Leave(int code) -> leave(code);
            }
        }
    }

    private void start(SimulatedDaemon daemon) {
        assertThat(stopSince).as("a start after the stop began").isEmpty();
        assertThat(daemon.leader || daemon.starts > 0)
                .as("a second live start of " + daemon.name())
                .isFalse();
        daemon.starts++;
        long takes = random.nextInt(20) == 0 ? random.nextLong(9 * SECOND) : random.nextLong(5 * MILLI);
        later(takes, () -> {
            if (daemon.cannotStart) {
                int code = 126 + random.nextInt(2);
                deliver(new Event.StartFailed(daemon.name(), code, "/x", "No such file or directory"));
                return;
            }
            daemon.leader = true;
            daemon.members = daemon.hasMembers;
            deliver(new Event.Started(daemon.name(), nextPid++));
            if (random.nextInt(3) == 0) {
                later(
                        random.nextBoolean() ? random.nextLong(MILLI) : random.nextLong(15 * SECOND),
                        () -> leaderEnds(daemon, daemon.someEnd(random)));
            }
        });
    }

    private void signal(SimulatedDaemon daemon, Signal signal) {
        assertThat(daemon.starts).as("a signal to what never ran").isPositive();
        assertThat(stopSince).as("a signal without a stop").isPresent();
        if (signal.equals(Signal.KILL)) {
            boolean ownGraceOver = now >= daemon.stoppedAt + daemon.grace.toNanos();
            boolean graceOver = now >= stopSince.get() + grace;
            assertThat(ownGraceOver || graceOver || patienceOver)
                    .as("SIGKILL before the grace of " + daemon.name())
                    .isTrue();
            assertThat(daemon.killedAt.isEmpty() || secondSignalNow)
                    .as("SIGKILL twice")
                    .isTrue();
            daemon.killedAt = Optional.of(now);
            if (daemon.killable) {
                later(random.nextLong(2 * MILLI), () -> {
                    leaderEnds(daemon, new ExitStatus.Killed(Signal.KILL, false));
                    membersEnd(daemon);
                });
            } else if (random.nextBoolean()) {
                later(random.nextLong(5 * SECOND), () -> {
                    leaderEnds(
                            daemon,
                            random.nextInt(4) == 0
                                    ? daemon.someEnd(random)
                                    : new ExitStatus.Killed(Signal.KILL, false));
                    later(random.nextLong(SECOND), () -> membersEnd(daemon));
                });
            }
        } else if (signal.equals(Signal.CONT)) {
            daemon.continues++;
            if (daemon.stopPending && daemon.obeys) {
                // stopped until now, as by SIGSTOP: takes its stop signal only here
                long takes = random.nextBoolean() ? random.nextLong(50 * MILLI) : random.nextLong(9 * SECOND);
                later(takes, () -> {
                    leaderEnds(daemon, daemon.obedientEnd(random));
                    if (daemon.membersObey) {
                        later(random.nextLong(SECOND), () -> membersEnd(daemon));
                    }
                });
            }
        } else {
            assertThat(signal).as("the stop signal of " + daemon.name()).isEqualTo(daemon.daemon.stopSignal());
            daemon.stopSignals++;
            daemon.stoppedAt = now;
            daemon.stopPending = true;
        }
    }

    private void leaderEnds(SimulatedDaemon daemon, ExitStatus status) {
        if (!daemon.leader) {
            return;
        }
        daemon.leader = false;
        later(
                random.nextLong(MILLI),
                () -> deliver(
                        new Event.Exited(daemon.name(), status, daemon.members, random.nextBoolean() ? false : null)));
        if (random.nextInt(3) == 0) {
            later(random.nextLong(20 * SECOND), () -> membersEnd(daemon));
        }
    }

    private void membersEnd(SimulatedDaemon daemon) {
        if (daemon.leader || !daemon.members) {
            return;
        }
        daemon.members = false;
        later(random.nextLong(MILLI), () -> {
            if (daemon.groupLeft) {
                deliver(new Event.GroupEmptied(daemon.name()));
            }
        });
    }

    private void leave(int code) {
        left = true;
        assertThat(code)
                .as("exit code")
                .isEqualTo(causeCode.orElseGet(() ->
                        daemons.stream().mapToInt(daemon -> daemon.code).max().orElseThrow()));
        if (stopSince.isPresent()) {
            long latest = Math.max(stopSince.get() + grace, latestAnswer) + GIVE_UP + 2 * lateness;
            assertThat(now).as("end of the stop").isLessThanOrEqualTo(latest);
        }
    }

    private void compare(Event event, List<Effect> effects, List<String> deaths) {
        boolean stop = stopSince.isPresent();
        List<String> lines = new ArrayList<>(Story.lines(effects));
        lines.removeIf(line -> !line.contains(" exited with code ") && !line.startsWith("cannot start "));
        assertThat(lines).as("lines about an end").isEqualTo(deaths);

        List<SimulatedDaemon.View> expected = new ArrayList<>();
        List<SimulatedDaemon.View> actual = new ArrayList<>();
        boolean everythingIsDown = true;
        boolean heldUp = false;
        int waiting = 0;
        int starting = 0;
        for (int i = 0; i < daemons.size(); i++) {
            SimulatedDaemon daemon = daemons.get(i);
            expected.add(daemon.view(stop, now));
            actual.add(SimulatedDaemon.View.of(state.daemons().get(i), now));
            everythingIsDown &= daemon.finished(stop);
            heldUp |= stop && daemon.heldUp();
            waiting += daemon.starts == 0 ? 1 : 0;
            starting += daemon.starts > 0 && !daemon.answered ? 1 : 0;
            checkSignals(event, daemon, stop);
        }
        assertThat(actual).as("snapshot").isEqualTo(expected);
        assertThat(left).as("left, when everything is down").isEqualTo(everythingIsDown);
        if (!stop && state.daemons().getFirst().starts() > 0) {
            assertThat(starting).as("starts under way").isEqualTo(waiting > 0 ? 1 : Math.min(starting, 1));
        }
        assertThat(state.deadline().isPresent()).as("waits for time").isEqualTo(heldUp && !left);
        if (event instanceof Event.TimePassed && heldUp) {
            assertThat(state.deadline().orElseThrow()).as("next deadline").isGreaterThan(now);
        }
    }

    private void checkSignals(Event event, SimulatedDaemon daemon, boolean stop) {
        int due = stop && daemon.answered && !daemon.failed && !daemon.deadBeforeStop ? 1 : 0;
        if (daemon.stopSignals != due || daemon.continues != due) {
            throw new AssertionError(daemon.name() + " got " + daemon.stopSignals + " stop signals and "
                    + daemon.continues + " CONT instead of " + due);
        }
        if (!stop || !daemon.heldUp()) {
            return;
        }
        boolean timeIsUp = event instanceof Event.TimePassed
                && (now >= daemon.stoppedAt + daemon.grace.toNanos() || now >= stopSince.get() + grace);
        if ((timeIsUp || patienceOver) && daemon.killedAt.isEmpty()) {
            throw new AssertionError(daemon.name() + " should have got SIGKILL");
        }
        if (secondSignalNow && daemon.killedAt.get() != now) {
            throw new AssertionError(daemon.name() + " should have got SIGKILL now");
        }
    }

    private void nothingFollows() {
        String any = SimulatedDaemon.pick(daemons, random).name();
        List<Event> events = List.of(
                new Event.Begin(),
                new Event.Started(any, 1),
                new Event.StopRequested(Signal.TERM),
                new Event.Exited(any, new ExitStatus.Code(1), random.nextBoolean(), null),
                new Event.GroupEmptied(any),
                new Event.TimePassed());
        now += random.nextLong(20 * SECOND);
        for (Event event : events) {
            Lifecycle.Step step = Lifecycle.step(state, event, moment());
            steps++;
            assertThat(step.effects()).as("effects after leaving").isEmpty();
            assertThat(step.state()).isSameAs(state);
        }
    }

    private SimulatedDaemon find(String name) {
        return daemons.get(Integer.parseInt(name.substring(1)));
    }

    private void later(long nanos, Runnable action) {
        queue.add(new Due(now + Math.max(0, nanos), queued++, action));
    }

    private Moment moment() {
        return new Moment(now, Instant.EPOCH.plus(Duration.ofNanos(now)));
    }
}
