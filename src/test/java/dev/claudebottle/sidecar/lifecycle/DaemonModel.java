package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The books of one daemon in a {@link Simulation}, kept by the contract and not by the code. */
final class DaemonModel {

    enum Place {
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

    Place place = Place.WAITING;
    int pid;
    Instant startedAt;
    int starts;
    boolean everReady;
    boolean startWasReady;
    LastExit lastExit;
    int code;
    int exits;
    int signals;
    int startFailures;
    int livenessKills;
    int gaps;
    long closedGaps;
    Optional<Long> gapSince = Optional.empty();
    long readySince;
    int restartsInARow;
    final List<Long> deaths = new ArrayList<>();
    boolean looping;
    int unready;
    int notAlive;
    boolean alive;
    boolean failedLiveness;
    long signalledAt;
    Optional<Long> killedAt = Optional.empty();
    long nextStart;
    boolean groupLeft;

    DaemonModel(Bundle bundle, Daemon daemon) {
        this.daemon = daemon;
        policy = daemon.failurePolicy().orElse(bundle.failurePolicy());
        rules = bundle.restart();
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
        return place == Place.STARTING || place == Place.READY;
    }

    /** Nothing of it is left, or it has been given up; and it is not started again. */
    boolean isDown() {
        return place == Place.EXITED && !groupLeft;
    }

    /** There is something of it that a stop has to end. */
    boolean needsStopSignal() {
        return runs() || place == Place.EXITED && groupLeft;
    }

    boolean hasPid() {
        return runs() || place == Place.STOPPING && alive;
    }

    void openGap(long now) {
        if (gapSince.isEmpty()) {
            gaps++;
            gapSince = Optional.of(now);
        }
    }

    /** A long time of being ready ends what there was. */
    void settle(long now) {
        boolean something = restartsInARow > 0 || looping;
        if (place == Place.READY && something && now >= stableAt()) {
            restartsInARow = 0;
            if (looping) {
                deaths.clear();
            }
            looping = false;
        }
    }

    long stableAt() {
        return readySince + rules.resetAfter().duration().toNanos();
    }

    /** @return whether this death makes a crash loop of it */
    boolean countDeath(long now) {
        deaths.removeIf(at -> now - at > rules.crashLoopWindow().duration().toNanos());
        deaths.add(now);
        boolean begins = !looping && deaths.size() >= rules.crashLoopDeaths();
        looping |= begins;
        return begins;
    }

    FailurePolicy consequence() {
        if (policy != FailurePolicy.RESTART || !looping || rules.crashLoopAction() == CrashLoopAction.KEEP_TRYING) {
            return policy;
        }
        return rules.crashLoopAction() == CrashLoopAction.LEAVE ? FailurePolicy.LEAVE : FailurePolicy.TEARDOWN;
    }

    /** The delay before the next restart without its jitter. */
    double delay() {
        double initial = rules.initialDelay().duration().toNanos();
        double delay = initial == 0 && restartsInARow > 0
                ? 500e6 * Math.pow(2, restartsInARow - 1)
                : initial * Math.pow(2, restartsInARow);
        return Math.min(delay, rules.maxDelay().duration().toNanos());
    }

    /** The table of the contract's section "Exit". */
    int countsAs(ExitStatus status, boolean stop) {
        int stopSignal = daemon.stopSignal().number();
        boolean asked = stop && (!failedLiveness || place == Place.EXITED);
        return switch (status) {
            case ExitStatus.Code(int number) -> asked && number == 128 + stopSignal ? 0 : number;
            case ExitStatus.Killed(Signal by, boolean _) -> {
                boolean ours = by.number() == stopSignal || by.number() == 9 && killedAt.isPresent();
                yield asked && ours ? 0 : 128 + by.number();
            }
        };
    }

    String word() {
        return switch (place) {
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
                closedGaps + gapSince.map(since -> now - since).orElse(0L),
                new DeathCounts(exits, signals, startFailures, livenessKills),
                looping,
                place == Place.BACKOFF ? timestamp(nextStart) : null,
                groupLeft ? pid : -1);
    }

    static Instant timestamp(long nanos) {
        return Instant.EPOCH.plusNanos(nanos);
    }

    /** What a snapshot tells of a daemon. */
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
            DeathCounts deaths,
            boolean crashLooping,
            Instant nextStartAt,
            int groupToWatch) {

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
                    status.deaths(),
                    status.crashLooping(),
                    status.nextStartAt().orElse(null),
                    status.groupToWatch().orElse(-1));
        }
    }
}
