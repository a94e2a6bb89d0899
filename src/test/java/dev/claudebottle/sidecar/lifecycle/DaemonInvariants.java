package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.List;

/** What holds for each daemon in every step of an exhaustive search. */
final class DaemonInvariants {

    private final World before;
    private final Event event;
    private final List<Effect> effects;
    private final World after;
    private final int index;
    private final DaemonStatus was;
    private final DaemonStatus is;
    private final String name;

    DaemonInvariants(World before, Event event, List<Effect> effects, World after, int index) {
        this.before = before;
        this.event = event;
        this.effects = effects;
        this.after = after;
        this.index = index;
        was = before.state().daemons().get(index);
        is = after.state().daemons().get(index);
        name = is.name();
    }

    void check() {
        boolean ended = event instanceof Event.Exited exited && exited.daemon().equals(name);
        boolean failed =
                event instanceof Event.StartFailed failure && failure.daemon().equals(name);
        boolean death = (ended || failed) && before.running() && !session().endsAsPlanned();
        checkSaidOnce(ended, failed);
        checkCounts(death);
        checkGap(death);
        checkStopSignal();
        if (ended && before.running() && session().restart()) {
            checkRestart(death);
        } else if (death) {
            checkConsequence();
        }
        if (after.stopping() && after.hasToEnd(index)) {
            checkStopped();
        }
        if (after.running() && after.begun() && is.state() instanceof DaemonState.Waiting) {
            checkWaiting();
        }
    }

    private void checkSaidOnce(boolean ended, boolean failed) {
        long said = effects.stream()
                .filter(effect -> effect instanceof Effect.SayAfterLastWords words
                        && words.daemon().equals(name))
                .count();
        check(said == (ended ? 1 : 0), "a death is not said once");
        check(publishes(Notification.Type.DAEMON_EXITED) == (ended || failed ? 1 : 0), "daemon.exited");
        if (failed) {
            check(
                    EffectFormatter.of(effects).toString().contains("cannot start " + name),
                    "a failed start is not said");
        }
    }

    private void checkCounts(boolean death) {
        boolean started = effects.contains(new Effect.Start(name));
        check(is.starts() == was.starts() + (started ? 1 : 0), "starts");
        check(is.deaths().equals(death ? afterDeath() : was.deaths()), "deaths");
    }

    private DeathCounts afterDeath() {
        DeathCounts deaths = was.deaths();
        if (!(event instanceof Event.Exited exited)) {
            return new DeathCounts(deaths.exit(), deaths.signal(), deaths.start() + 1, deaths.liveness());
        }
        if (session().forLiveness()) {
            return new DeathCounts(deaths.exit(), deaths.signal(), deaths.start(), deaths.liveness() + 1);
        }
        return exited.status() instanceof ExitStatus.Killed
                ? new DeathCounts(deaths.exit(), deaths.signal() + 1, deaths.start(), deaths.liveness())
                : new DeathCounts(deaths.exit() + 1, deaths.signal(), deaths.start(), deaths.liveness());
    }

    private void checkGap(boolean death) {
        boolean ready = publishes(Notification.Type.DAEMON_READY) > 0;
        boolean failedLiveness = continued() && event instanceof Event.Probed;
        boolean opens = death || failedLiveness || publishes(Notification.Type.DAEMON_UNREADY) > 0;
        boolean restarted = continued() && event instanceof Event.RestartRequested;
        check(is.gaps().isOpen() == (!ready && (opens || restarted || was.gaps().isOpen())), "a gap");
        boolean unplanned = opens || was.gaps().isOpen() && !was.gaps().planned();
        check(is.gaps().planned() == (is.gaps().isOpen() && !unplanned), "a planned gap");
        boolean counted = opens && (!was.gaps().isOpen() || was.gaps().planned());
        check(is.gaps().count() == was.gaps().count() + (counted ? 1 : 0), "the number of gaps");
        boolean recovered = publishes(Notification.Type.DAEMON_RECOVERED) > 0;
        check(recovered == (ready && was.gaps().isOpen()), "daemon.recovered");
    }

    private void checkStopSignal() {
        Effect stopSignal = new Effect.SignalSession(name, is.daemon().stopSignal());
        boolean stopped = effects.contains(stopSignal) && !(event instanceof Event.HangUp);
        check(stopped == continued(), "a stop signal without CONT");
    }

    /** Whatever the policy says. */
    private void checkRestart(boolean death) {
        check(after.running(), "a restart that was asked for stops the bundle");
        check(
                is.state() instanceof DaemonState.Backoff
                        || is.state() instanceof DaemonState.Launching
                        || is.restartsWhenDown(),
                "a restart that was asked for is forgotten");
        check(death || is.restartHistory().equals(was.restartHistory()), "a planned end counts for the backoff");
    }

    private ObservedDaemon.Session session() {
        return before.daemons().get(index).session();
    }

    private void checkConsequence() {
        FailurePolicy policy = after.state().bundle().failurePolicyOf(is.daemon());
        if (policy == FailurePolicy.RESTART && is.crashLooping()) {
            policy = switch (SearchedBundle.restartOf(after.state().bundle(), is.daemon())
                    .crashLoopAction()) {
                case KEEP_TRYING -> FailurePolicy.RESTART;
                case LEAVE -> FailurePolicy.LEAVE;
                case TEARDOWN -> FailurePolicy.TEARDOWN;
            };
        }
        boolean restarts = is.state() instanceof DaemonState.Backoff || is.state() instanceof DaemonState.Launching;
        check(restarts == (policy == FailurePolicy.RESTART), "the policy");
        check(after.stop().began() == (policy == FailurePolicy.TEARDOWN), "a teardown");
    }

    private void checkStopped() {
        ObservedDaemon.Session session = after.daemons().get(index).session();
        boolean signalled = session.signalledAt().isPresent();
        check(signalled || Overdue.isNeeded(after.state(), name), "a daemon that is not needed is not stopped");
        check(!after.stop().killing() || session.killedAt().isPresent(), "a second TERM does not kill");
    }

    /** A daemon waits only for a dependency that can still become ready, or for another first start. */
    private void checkWaiting() {
        List<DaemonStatus> missing = after.state().daemons().stream()
                .filter(other -> is.daemon().dependsOn().contains(other.name()) && !other.everReady())
                .toList();
        boolean launching =
                after.state().daemons().stream().anyMatch(other -> other.state() instanceof DaemonState.Launching);
        check(launching || !missing.isEmpty(), "a daemon waits for nothing");
        check(
                missing.stream().noneMatch(other -> other.state() instanceof DaemonState.Exited),
                "a daemon waits for one that is not started again");
    }

    private boolean continued() {
        return effects.contains(new Effect.SignalSession(name, Signal.CONT));
    }

    private long publishes(Notification.Type type) {
        return effects.stream()
                .filter(effect -> effect instanceof Effect.Publish(Notification published)
                        && published.type() == type
                        && published.daemon().orElseThrow().name().equals(name))
                .count();
    }

    private static void check(boolean holds, String what) {
        Invariants.check(holds, what);
    }
}
