package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** One daemon of a {@link History}: its habits, its processes, and what the supervisor has been told of them. */
final class SimulatedDaemon {

    private static final List<Signal> STOP_SIGNALS =
            List.of(Signal.TERM, Signal.TERM, Signal.TERM, Signal.INT, Signal.HUP);
    private static final List<String> OWN_GRACES = List.of("0s", "300ms", "1s", "1500ms", "5s", "10s");
    private static final List<Integer> CODES = List.of(0, 0, 1, 2, 42, 126, 127, 129, 130, 137, 143, 255);
    private static final List<Signal> DEATHS =
            List.of(Signal.HUP, Signal.INT, Signal.KILL, new Signal(11), Signal.TERM, new Signal(34));

    final Daemon daemon;
    final FailurePolicy policy;
    final Duration grace;

    // habits
    final boolean cannotStart;
    final boolean obeys;
    final boolean killable;
    final boolean hasMembers;
    final boolean membersObey;

    // processes
    boolean leader;
    boolean members;
    boolean stopPending;

    // what has been done to it, and told of it
    int starts;
    boolean answered;
    boolean failed;
    int pid;
    Instant startedAt;
    boolean deadBeforeStop;
    boolean reported;
    boolean groupLeft;
    boolean givenUp;
    int stopSignals;
    int continues;
    long stoppedAt;
    Optional<Long> killedAt = Optional.empty();
    Optional<LastExit> lastExit = Optional.empty();
    Optional<Long> gapSince = Optional.empty();
    int code;

    SimulatedDaemon(String name, FailurePolicy bundlePolicy, TimeSpan bundleGrace, RandomGenerator random) {
        Optional<TimeSpan> ownGrace =
                random.nextInt(3) == 0 ? Optional.of(Bundles.span(pick(OWN_GRACES, random))) : Optional.empty();
        Optional<FailurePolicy> ownPolicy =
                random.nextInt(4) == 0 ? Optional.of(pick(List.of(FailurePolicy.values()), random)) : Optional.empty();
        daemon = Bundles.with(Bundles.daemon(name), pick(STOP_SIGNALS, random), ownGrace, ownPolicy);
        policy = ownPolicy.orElse(bundlePolicy);
        Duration own = ownGrace.orElse(bundleGrace).duration();
        grace = own.compareTo(bundleGrace.duration()) < 0 ? own : bundleGrace.duration();
        cannotStart = random.nextInt(12) == 0;
        obeys = random.nextInt(4) != 0;
        killable = random.nextInt(12) != 0;
        hasMembers = random.nextInt(3) == 0;
        membersObey = random.nextBoolean();
    }

    String name() {
        return daemon.name();
    }

    /** Started, and as far as the supervisor knows it lives. */
    boolean knownAlive() {
        return answered && !failed && !reported;
    }

    boolean down() {
        return reported && !groupLeft;
    }

    /** In a stop: it has been told to stop, and isn't down. */
    boolean heldUp() {
        return answered && !failed && !deadBeforeStop && !down() && !givenUp;
    }

    /** Nothing more is to be waited for. */
    boolean finished(boolean stop) {
        return failed || deadBeforeStop || stop && (starts == 0 || answered && !heldUp());
    }

    /** How it ends unasked. */
    ExitStatus someEnd(RandomGenerator random) {
        return random.nextInt(3) == 0
                ? new ExitStatus.Killed(pick(DEATHS, random), random.nextBoolean())
                : new ExitStatus.Code(pick(CODES, random));
    }

    /** How it ends when it is asked to. */
    ExitStatus obedientEnd(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> new ExitStatus.Code(0);
            case 1 -> new ExitStatus.Code(128 + daemon.stopSignal().number());
            case 2 -> new ExitStatus.Killed(daemon.stopSignal(), false);
            default -> someEnd(random);
        };
    }

    /** The table of the contract's section "Exit". */
    int countsAs(ExitStatus status) {
        int stopSignal = daemon.stopSignal().number();
        return switch (status) {
            case ExitStatus.Code(int code) -> !deadBeforeStop && code == 128 + stopSignal ? 0 : code;
            case ExitStatus.Killed(Signal by, boolean _) -> {
                boolean ours = by.number() == stopSignal || by.number() == 9 && killedAt.isPresent();
                yield !deadBeforeStop && ours ? 0 : 128 + by.number();
            }
        };
    }

    /** What a snapshot should tell of it. */
    View view(boolean stop, long now) {
        String word;
        if (starts == 0) {
            word = stop ? "exited" : "waiting";
        } else if (!answered) {
            word = "starting";
        } else if (finished(stop)) {
            word = "exited";
        } else {
            word = stop ? "stopping" : "running";
        }
        boolean visible = knownAlive() && !givenUp;
        return new View(
                word,
                visible ? pid : -1,
                visible ? startedAt : null,
                starts,
                lastExit.orElse(null),
                code,
                gapSince.isPresent() ? 1 : 0,
                gapSince.isPresent(),
                gapSince.map(since -> now - since).orElse(0L));
    }

    record View(
            String word,
            int pid,
            Instant startedAt,
            int starts,
            LastExit lastExit,
            int code,
            int gaps,
            boolean gapOpen,
            long gapNanos) {

        static View of(DaemonStatus status, long now) {
            return new View(
                    status.state().word(),
                    status.pid().orElse(-1),
                    status.startedAt().orElse(null),
                    status.starts(),
                    status.lastExit().orElse(null),
                    status.exitCode(),
                    status.gaps().count(),
                    status.gaps().isOpen(),
                    status.gaps().total(now).toNanos());
        }
    }

    static <T> T pick(List<T> list, RandomGenerator random) {
        return list.get(random.nextInt(list.size()));
    }
}
