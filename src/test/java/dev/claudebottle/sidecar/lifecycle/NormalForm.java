package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The one world that stands for all worlds that behave alike, so that their number is finite. It has
 * <ul>
 *   <li>the time 0: rules compare times, and never look at one alone;
 *   <li>no time that is longer ago than the rule that reads it looks back: what is due stays due;
 *   <li>nothing that only people read: process ids, UTC times, the latest exit, sums and counts, reminders;
 *   <li>nothing that no rule reads any more: what a stopping bundle remembers of restarts, a counter above its threshold.
 * </ul>
 * {@link ExhaustiveSearchTest} checks on random walks that this changes nothing: a walk in the normal form only, and the
 * same walk without it, come to the same normal form after each step.
 */
final class NormalForm {

    private static final int PID = 100;
    private static final OptionalInt NONE = OptionalInt.empty();

    /** A reminder decides nothing, so it need not come; the simulation checks when it does. */
    private static final Reminder REMINDER = Reminder.from(new Timestamp(0, Instant.EPOCH));

    private final World world;
    private final Bundle bundle;
    private final boolean running;

    private NormalForm(World world) {
        this.world = world;
        bundle = world.state().bundle();
        running = world.running();
    }

    static World of(World world) {
        return new NormalForm(world).world();
    }

    private World world() {
        BundleState state = world.state();
        List<DaemonStatus> daemons = new ArrayList<>();
        List<ObservedDaemon> observed = new ArrayList<>();
        boolean over = state.phase() instanceof Phase.Over;
        for (int i = 0; i < state.daemons().size(); i++) {
            DaemonStatus status = state.daemons().get(i);
            daemons.add(over ? DaemonStatus.initial(status.daemon()) : status(status));
            observed.add(
                    over ? ObservedDaemon.NEW : observed(status, world.daemons().get(i)));
        }
        BundleState normal = new BundleState(bundle, phase(), daemons, state.seed());
        return new World(normal, over || world.begun(), over ? ObservedStop.NONE : stop(), observed, 0);
    }

    private Phase phase() {
        return switch (world.state().phase()) {
            case Phase.Running running -> running;
            case Phase.Stopping stop ->
                new Phase.Stopping(
                        ago(stop.since(), Overdue.nanos(bundle.stopGracePeriod())),
                        stop.killing() ? OptionalLong.of(0) : ago(stop.firstSignal(), ObservedStop.SECOND_TERM),
                        stop.teardownCode(),
                        stop.killing());
            case Phase.Over _ -> new Phase.Over(OptionalLong.empty());
        };
    }

    private ObservedStop stop() {
        ObservedStop stop = world.stop();
        return new ObservedStop(
                ago(stop.since(), Overdue.nanos(bundle.stopGracePeriod())),
                stop.killing() ? OptionalLong.of(0) : ago(stop.firstTerm(), ObservedStop.SECOND_TERM),
                stop.killing(),
                stop.teardownCode(),
                stop.began() ? ago(stop.endsBy(), World.TICK) : 0);
    }

    private DaemonStatus status(DaemonStatus status) {
        return new DaemonStatus(status.daemon(), state(status), probes(status), history(status));
    }

    private DaemonState state(DaemonStatus status) {
        return switch (status.state()) {
            case DaemonState.Waiting waiting ->
                new DaemonState.Waiting(waiting.reminder().map(_ -> REMINDER));
            case DaemonState.Launching launching -> launching;
            case DaemonState.Starting starting ->
                new DaemonState.Starting(PID, Instant.EPOCH, starting.reminder().map(_ -> REMINDER));
            case DaemonState.Running ready -> new DaemonState.Running(PID, Instant.EPOCH, readySince(status, ready));
            case DaemonState.Backoff backoff ->
                new DaemonState.Backoff(
                        ago(backoff.until(), ObservedStop.GIVE_UP), Instant.EPOCH, session(backoff.deadSession()));
            case DaemonState.Stopping stopping ->
                new DaemonState.Stopping(
                        PID,
                        stopping.startedAt().map(_ -> Instant.EPOCH),
                        stopping.killedAt().isPresent() ? 0 : ago(stopping.signalledAt(), grace(status.daemon())),
                        ago(stopping.killedAt(), ObservedStop.GIVE_UP),
                        stopping.forLiveness(),
                        running && stopping.restart());
            case DaemonState.Exited exited -> new DaemonState.Exited(session(exited.deadSession()));
        };
    }

    private long readySince(DaemonStatus status, DaemonState.Running ready) {
        RestartPolicy rules = SearchedBundle.restartOf(bundle, status.daemon());
        return running && status.restartHistory().canReset()
                ? ago(ready.readySince(), Overdue.nanos(rules.resetAfter()))
                : 0;
    }

    private ProbeHistory probes(DaemonStatus status) {
        boolean ready = status.state() instanceof DaemonState.Running;
        if (!running || !ready && !(status.state() instanceof DaemonState.Starting)) {
            return ProbeHistory.NONE;
        }
        ProbeHistory probes = status.probeHistory();
        return new ProbeHistory(
                atMost(ready ? status.daemon().readiness() : Optional.empty(), probes.readiness()),
                atMost(status.daemon().liveness(), probes.liveness()));
    }

    private static ProbeHistory.Series atMost(Optional<Probe> probe, ProbeHistory.Series series) {
        int limit = probe.map(Probe::failureThreshold).orElse(0);
        return new ProbeHistory.Series(Math.min(series.failures(), limit), series.notProbed(), Optional.empty());
    }

    private DaemonHistory history(DaemonStatus status) {
        DaemonHistory history = status.history();
        boolean gapOpen = running && history.gaps().isOpen();
        return new DaemonHistory(
                Math.min(1, history.starts()),
                history.everReady(),
                new Exits(Optional.empty(), code(history.exits().code()), DeathCounts.NONE),
                new Gaps(
                        0,
                        Duration.ZERO,
                        Duration.ZERO,
                        gapOpen ? OptionalLong.of(0) : OptionalLong.empty(),
                        gapOpen && history.gaps().planned()),
                running ? restarts(status) : RestartHistory.NONE,
                history.outputHeld());
    }

    /** After a teardown only the code of its cause counts. */
    private int code(int code) {
        return world.stop().teardownCode().isPresent() ? 0 : code;
    }

    private RestartHistory restarts(DaemonStatus status) {
        RestartPolicy rules = SearchedBundle.restartOf(bundle, status.daemon());
        RestartHistory history = status.restartHistory();
        long window = Overdue.nanos(rules.crashLoopWindow());
        List<Long> deaths = history.crashLooping()
                ? List.of()
                : history.deaths().stream()
                        .filter(death -> world.now() - death <= window)
                        .map(death -> ago(death, window))
                        .toList();
        return new RestartHistory(Math.min(history.consecutive(), longestDelay(rules)), deaths, history.crashLooping());
    }

    /** How many restarts make the delay as long as it gets. */
    private static int longestDelay(RestartPolicy rules) {
        int restarts = 1;
        while (new RestartHistory(restarts, List.of(), false)
                        .delay(rules, 0)
                        .compareTo(rules.maxDelay().duration())
                < 0) {
            restarts++;
        }
        return restarts;
    }

    private ObservedDaemon observed(DaemonStatus status, ObservedDaemon daemon) {
        ObservedDaemon.Session session = daemon.session();
        ObservedDaemon.Past past = daemon.past();
        return new ObservedDaemon(
                new ObservedDaemon.Session(
                        session.processes(),
                        session.forLiveness(),
                        running && session.restart(),
                        session.killedAt().isPresent()
                                ? OptionalLong.of(0)
                                : ago(session.signalledAt(), grace(status.daemon())),
                        ago(session.killedAt(), ObservedStop.GIVE_UP)),
                daemon.probes(),
                new ObservedDaemon.Past(
                        past.everReady(),
                        code(past.code()),
                        ago(past.nextStart(), ObservedStop.GIVE_UP),
                        past.latest().map(NormalForm::asReady)),
                daemon.outputHeld());
    }

    /** A recovery belongs to the readiness that it follows in the same step. */
    private static Notification.Type asReady(Notification.Type type) {
        return type == Notification.Type.DAEMON_RECOVERED ? Notification.Type.DAEMON_READY : type;
    }

    private long grace(Daemon daemon) {
        return Overdue.nanos(bundle.stopGracePeriodOf(daemon));
    }

    private static OptionalInt session(OptionalInt session) {
        return session.isPresent() ? OptionalInt.of(PID) : NONE;
    }

    private OptionalLong ago(OptionalLong time, long limit) {
        return time.isPresent() ? OptionalLong.of(ago(time.getAsLong(), limit)) : time;
    }

    /** A time relative to now, at most so long ago. */
    private long ago(long time, long limit) {
        long relative = time - world.now();
        Invariants.check(relative % World.TICK == 0, "a time between two ticks");
        return Math.max(relative, -limit);
    }
}
