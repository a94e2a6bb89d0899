package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the contract expects of one daemon in a {@link Simulation}; shares no code with the state machine. */
final class DaemonModel {

    enum State {
        WAITING,
        LAUNCHING,
        STARTING,
        READY,
        BACKOFF,
        STOPPING,
        EXITED
    }

    final Daemon daemon;
    final FailurePolicy policy;
    final RestartPolicy rules;
    final String graceText;
    final long grace;

    State state = State.WAITING;
    int pid;
    Instant startedAt;
    int starts;
    boolean everReady;
    boolean wasReady;
    LastExit lastExit;
    int code;
    int exits;
    int signals;
    int startFailures;
    int livenessKills;
    int gaps;
    long closedGaps;
    long closedPlannedGaps;
    boolean gapPlanned;
    Optional<Long> gapSince = Optional.empty();
    long readySince;
    int consecutiveRestarts;
    final List<Long> deaths = new ArrayList<>();
    boolean crashLooping;
    int readinessFailures;
    Optional<ProbeAnswer> readiness = Optional.empty();
    Optional<ProbeAnswer> liveness = Optional.empty();
    int livenessFailures;
    final Set<ProbeKind> saidNotProbed = EnumSet.noneOf(ProbeKind.class);
    boolean alive;
    boolean failedLiveness;
    boolean restartAsked;
    /** What it left has got SIGKILL, also where its policy does not restart it. */
    boolean everRestarted;

    long signalledAt;
    Optional<Long> killedAt = Optional.empty();
    long nextStart;
    /** The wait before its first start, or before its latest start is ready for the first time. */
    Optional<Long> waitsSince = Optional.empty();
    /** In seconds. */
    long saidNextAfter;

    boolean sessionLeft;
    boolean outputHeld;

    DaemonModel(Bundle bundle, Daemon daemon) {
        this.daemon = daemon;
        policy = daemon.failurePolicy().orElse(bundle.failurePolicy());
        rules = daemon.restart().orElse(bundle.restart());
        boolean own = daemon.stopGracePeriod().isPresent()
                && daemon.stopGracePeriod()
                                .get()
                                .duration()
                                .compareTo(bundle.stopGracePeriod().duration())
                        <= 0;
        graceText = own
                ? daemon.stopGracePeriod().get().text()
                : bundle.stopGracePeriod().text();
        grace = Bundles.span(graceText).duration().toNanos();
    }

    String name() {
        return daemon.name();
    }

    boolean runs() {
        return state == State.STARTING || state == State.READY;
    }

    /** No process of it is left or it has been given up, and it is not started again. */
    boolean isDown() {
        return state == State.EXITED && !sessionLeft;
    }

    /** A stop has to end a process of it and has not begun to. */
    boolean needsStopSignal() {
        return runs() || state == State.EXITED && sessionLeft;
    }

    boolean hasPid() {
        return runs() || state == State.STOPPING && alive;
    }

    void beginToWait(long now) {
        waitsSince = Optional.of(now);
        saidNextAfter = 10;
    }

    /** When it is said next that it is not ready yet, or what it waits for. */
    Optional<Long> nextSaid() {
        boolean waits = state == State.WAITING || state == State.STARTING && !wasReady;
        return waits ? waitsSince.map(since -> since + saidNextAfter * 1_000_000_000L) : Optional.empty();
    }

    void openGap(long now) {
        if (gapSince.isEmpty() || gapPlanned) {
            closeGap(now);
            gaps++;
            gapSince = Optional.of(now);
        }
    }

    void openPlannedGap(long now) {
        if (gapSince.isEmpty()) {
            gapSince = Optional.of(now);
            gapPlanned = true;
        }
    }

    void closeGap(long now) {
        long length = gapSince.map(since -> now - since).orElse(0L);
        closedGaps += gapPlanned ? 0 : length;
        closedPlannedGaps += gapPlanned ? length : 0;
        gapSince = Optional.empty();
        gapPlanned = false;
    }

    /** Its end is no death: the operator has asked for it. */
    boolean endsAsPlanned() {
        return state == State.STOPPING && restartAsked && !failedLiveness;
    }

    /** Resets the restart history once it has been ready for {@code reset_after}. */
    void resetIfStable(long now) {
        boolean canReset = consecutiveRestarts > 0 || crashLooping;
        if (state == State.READY && canReset && now >= stableAt()) {
            consecutiveRestarts = 0;
            if (crashLooping) {
                deaths.clear();
            }
            crashLooping = false;
        }
    }

    long stableAt() {
        return readySince + rules.resetAfter().duration().toNanos();
    }

    /** @return whether this death begins a crash loop */
    boolean countDeath(long now) {
        deaths.removeIf(at -> now - at > rules.crashLoopWindow().duration().toNanos());
        deaths.add(now);
        boolean newlyLooping = !crashLooping && deaths.size() >= rules.crashLoopDeaths();
        crashLooping |= newlyLooping;
        return newlyLooping;
    }

    FailurePolicy consequence() {
        if (policy != FailurePolicy.RESTART
                || !crashLooping
                || rules.crashLoopAction() == CrashLoopAction.KEEP_TRYING) {
            return policy;
        }
        return rules.crashLoopAction() == CrashLoopAction.LEAVE ? FailurePolicy.LEAVE : FailurePolicy.TEARDOWN;
    }

    /** The delay before the next restart without its jitter. */
    double delay() {
        double initial = rules.initialDelay().duration().toNanos();
        double delay = initial == 0 && consecutiveRestarts > 0
                ? 500e6 * Math.pow(2, consecutiveRestarts - 1)
                : initial * Math.pow(2, consecutiveRestarts);
        return Math.min(delay, rules.maxDelay().duration().toNanos());
    }

    /** What an end adds to the exit code, by the table of the contract. */
    int countsAs(ExitStatus status, boolean stop) {
        int stopSignal = daemon.stopSignal().number();
        boolean asked = stop && (!failedLiveness || state == State.EXITED) || endsAsPlanned();
        return switch (status) {
            case ExitStatus.Code(int number) -> asked && number == 128 + stopSignal ? 0 : number;
            case ExitStatus.Killed(Signal by, boolean _) -> {
                boolean byUs = by.number() == stopSignal || by.number() == 9 && killedAt.isPresent();
                yield asked && byUs ? 0 : 128 + by.number();
            }
        };
    }

    String word() {
        return switch (state) {
            case WAITING -> "waiting";
            case LAUNCHING, STARTING -> "starting";
            case READY -> "running";
            case BACKOFF -> "backoff";
            case STOPPING -> "stopping";
            case EXITED -> "exited";
        };
    }

    View view(long now) {
        return new View(
                word(),
                hasPid() ? pid : -1,
                hasPid() ? startedAt : null,
                starts,
                everReady,
                lastExit,
                code,
                gaps,
                gapSince.isPresent(),
                closedGaps
                        + gapSince.filter(_ -> !gapPlanned)
                                .map(since -> now - since)
                                .orElse(0L),
                closedPlannedGaps
                        + gapSince.filter(_ -> gapPlanned)
                                .map(since -> now - since)
                                .orElse(0L),
                new DeathCounts(exits, signals, startFailures, livenessKills),
                crashLooping,
                state == State.BACKOFF ? timestamp(nextStart) : null,
                sessionLeft ? pid : -1,
                readiness,
                liveness);
    }

    static Instant timestamp(long nanos) {
        return Instant.EPOCH.plusNanos(nanos);
    }

    /** What a snapshot says about a daemon. */
    record View(
            String word,
            int pid,
            Instant startedAt,
            int starts,
            boolean everReady,
            LastExit lastExit,
            int code,
            int gaps,
            boolean gapOpen,
            long gapNanos,
            long plannedNanos,
            DeathCounts deaths,
            boolean crashLooping,
            Instant nextStartAt,
            int sessionToWatch,
            Optional<ProbeAnswer> readiness,
            Optional<ProbeAnswer> liveness) {

        static View of(DaemonStatus status, long now) {
            return new View(
                    status.state().word(),
                    status.pid().orElse(-1),
                    status.startedAt().orElse(null),
                    status.starts(),
                    status.everReady(),
                    status.lastExit().orElse(null),
                    status.exitCode(),
                    status.gaps().count(),
                    status.gaps().isOpen(),
                    status.gaps().total(now).toNanos(),
                    status.gaps().totalPlanned(now).toNanos(),
                    status.deaths(),
                    status.crashLooping(),
                    status.nextStartAt().orElse(null),
                    status.sessionToWatch().orElse(-1),
                    status.lastAnswer(ProbeKind.READINESS),
                    status.lastAnswer(ProbeKind.LIVENESS));
        }
    }
}
