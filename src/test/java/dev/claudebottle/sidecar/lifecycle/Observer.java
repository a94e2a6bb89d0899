package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Takes the environment of an exhaustive search through one step, and checks each effect against it. */
final class Observer {

    private final World before;
    private final Event event;
    private final BundleState after;
    private final List<ObservedDaemon> daemons;
    private ObservedStop stop;
    private int deathCode;

    Observer(World before, Event event, BundleState after) {
        this.before = before;
        this.event = event;
        this.after = after;
        daemons = new ArrayList<>(before.daemons());
        stop = before.stop();
    }

    /** @return the world after the step */
    World observe(List<Effect> effects) {
        happened();
        Effect previous = null;
        for (Effect effect : effects) {
            check(!(previous instanceof Effect.Leave), "an effect after leaving");
            carryOut(effect, previous);
            previous = effect;
        }
        boolean begun = before.begun() || event instanceof Event.Begin;
        return new World(after, begun, stop, daemons, before.now());
    }

    private void happened() {
        switch (event) {
            case Event.Started(String name, int _) -> {
                put(name, get(name).in(ObservedDaemon.Processes.ALIVE));
                stop = stop.began() ? stop.startAnswered(before.now()) : stop;
            }
            case Event.StartFailed failed -> {
                deathCode = failed.code();
                put(
                        failed.daemon(),
                        get(failed.daemon()).in(ObservedDaemon.Processes.GONE).withCode(deathCode));
            }
            case Event.Exited exited -> {
                ObservedDaemon daemon = get(exited.daemon());
                deathCode = codeOf(exited, daemon);
                ObservedDaemon.Processes rest =
                        exited.sessionLeft() ? ObservedDaemon.Processes.LEFT : ObservedDaemon.Processes.GONE;
                boolean hasTime =
                        exited.sessionLeft() && daemon.session().killedAt().isEmpty();
                put(exited.daemon(), dueIf(daemon, !hasTime).in(rest).withCode(deathCode));
            }
            case Event.SessionEmptied(String name) ->
                put(name, dueIf(get(name), true).in(ObservedDaemon.Processes.GONE));
            case Event.OutputHeld(String name) -> put(name, get(name).withOutputHeld(true));
            case Event.OutputReleased(String name) -> put(name, get(name).withOutputHeld(false));
            case Event.StopRequested _ -> stop = stop.term(before.now());
            case Event.Begin _,
                    Event.Probed _,
                    Event.NotProbed _,
                    Event.RestartRequested _,
                    Event.HangUp _,
                    Event.Resumed _,
                    Event.TimePassed _ -> {}
        }
    }

    /** What a restart has stopped is started again, at once, when it is down or has got SIGKILL. */
    private ObservedDaemon dueIf(ObservedDaemon daemon, boolean down) {
        return down && daemon.session().restart() && !stop.began()
                ? daemon.withNextStart(OptionalLong.of(before.now()))
                : daemon;
    }

    /** By the contract's table. */
    private int codeOf(Event.Exited exited, ObservedDaemon daemon) {
        DaemonStatus status = before.state().daemon(exited.daemon());
        int stopSignal = status.daemon().stopSignal().number();
        boolean asked = stop.began() && (!daemon.session().forLiveness() || status.isDown())
                || daemon.session().endsAsPlanned();
        return switch (exited.status()) {
            case ExitStatus.Code(int code) -> asked && code == 128 + stopSignal ? 0 : code;
            case ExitStatus.Killed(Signal signal, boolean _) -> {
                boolean byUs = signal.number() == stopSignal
                        || signal.equals(Signal.KILL)
                                && daemon.session().killedAt().isPresent();
                yield asked && byUs ? 0 : 128 + signal.number();
            }
        };
    }

    private void carryOut(Effect effect, Effect previous) {
        switch (effect) {
            case Effect.Say _, Effect.SayAfterLastWords _ -> {}
            case Effect.Start(String name) -> start(name);
            case Effect.SignalSession(String name, Signal signal) -> signal(name, signal, previous);
            case Effect.StartProbe probe -> {
                ObservedDaemon daemon = get(probe.daemon());
                check(daemon.is(ObservedDaemon.Processes.ALIVE), "a probe of what does not live");
                check(!daemon.probes().run(probe.kind()), "a second probe");
                check(probe.start() == after.daemon(probe.daemon()).starts(), "a probe of another start");
                put(probe.daemon(), daemon.probed(probe.kind()));
            }
            case Effect.StopProbes(String name) -> put(name, get(name).with(ObservedDaemon.Probes.NONE));
            case Effect.Publish(Notification notification) -> publish(notification);
            case Effect.Leave(int code) -> leave(code);
        }
    }

    private void start(String name) {
        ObservedDaemon daemon = get(name);
        check(!stop.began() && after.phase() instanceof Phase.Running, "a start after the stop began");
        check(
                !daemon.is(ObservedDaemon.Processes.START_ASKED) && !daemon.is(ObservedDaemon.Processes.ALIVE),
                "a second live start");
        check(!daemon.outputHeld(), "a start while output is held");
        for (DaemonStatus other : after.daemons()) {
            boolean needed = after.daemon(name).daemon().dependsOn().contains(other.name());
            check(!needed || get(other.name()).past().everReady(), "a start before its dependency");
        }
        if (daemon.past().nextStart().isPresent()) {
            // a session that SIGKILL does not end delays the start, but not for ever
            long due = daemon.past().nextStart().getAsLong()
                    + (daemon.is(ObservedDaemon.Processes.LEFT) ? ObservedStop.GIVE_UP : 0);
            check(before.reached(due), "a start before its delay is over");
        } else {
            check(daemon.is(ObservedDaemon.Processes.NEVER_STARTED), "a restart that was not announced");
            check(
                    daemons.stream().noneMatch(other -> other.is(ObservedDaemon.Processes.START_ASKED)),
                    "two first starts at a time");
        }
        put(name, daemon.in(ObservedDaemon.Processes.START_ASKED).withNextStart(OptionalLong.empty()));
    }

    private void signal(String name, Signal signal, Effect previous) {
        ObservedDaemon daemon = get(name);
        check(daemon.session().exists(), "a signal to a session that does not exist");
        check(after.daemon(name).session().isPresent(), "a signal that the supervisor cannot send any more");
        if (event instanceof Event.HangUp) {
            check(signal.equals(Signal.HUP) && after.bundle().forwardHup().contains(name), "not HUP");
            check(daemon.is(ObservedDaemon.Processes.ALIVE), "HUP to what a dead daemon left");
        } else if (signal.equals(Signal.KILL)) {
            // a second TERM kills everything once more
            check(daemon.session().killedAt().isEmpty() || stop.killing(), "SIGKILL twice");
            check(
                    stop.killing() || Overdue.grace(before, stop, daemon.session(), after.daemon(name)),
                    "SIGKILL before the grace has elapsed");
            put(name, dueIf(daemon, daemon.is(ObservedDaemon.Processes.LEFT)).killed(before.now()));
        } else if (signal.equals(Signal.CONT)) {
            Signal stopSignal = after.daemon(name).daemon().stopSignal();
            check(new Effect.SignalSession(name, stopSignal).equals(previous), "CONT without a stop signal");
        } else {
            check(signal.equals(after.daemon(name).daemon().stopSignal()), "a signal of no rule");
            check(daemon.session().signalledAt().isEmpty(), "a second stop signal");
            check(stop.began() || failedLiveness(name) || asksToRestart(name), "a stop signal without a reason");
            check(!stop.began() || mayStop(name), "stopped before its dependents");
            put(name, daemon.stopped(failedLiveness(name), before.now()));
        }
    }

    private boolean failedLiveness(String name) {
        return event instanceof Event.Probed probed
                && probed.daemon().equals(name)
                && probed.kind() == ProbeKind.LIVENESS
                && probed.failure().isPresent();
    }

    private boolean asksToRestart(String name) {
        return event instanceof Event.RestartRequested(String daemon) && daemon.equals(name);
    }

    private boolean mayStop(String name) {
        // it died before its stop signal; the session that it left gets that now
        boolean diedNow =
                event instanceof Event.Exited exited && exited.daemon().equals(name);
        return diedNow || stop.killing() || Overdue.halfGrace(before, stop) || !Overdue.isNeeded(after, name);
    }

    private void publish(Notification notification) {
        Notification.Type type = notification.type();
        if (type == Notification.Type.BUNDLE_STOPPING) {
            boolean asked = event instanceof Event.StopRequested;
            check(!stop.began(), "a second stop");
            stop = stop.begin(
                    before.now(),
                    Overdue.nanos(after.bundle().stopGracePeriod()),
                    asked ? OptionalInt.empty() : OptionalInt.of(deathCode));
            // what a restart waited for has got SIGKILL; the stop does not wait for it
            daemons.replaceAll(daemon -> daemon.past().nextStart().isPresent()
                    ? daemon.in(ObservedDaemon.Processes.GONE).withNextStart(OptionalLong.empty())
                    : daemon);
        }
        notification.daemon().ifPresent(status -> {
            ObservedDaemon daemon = get(status.name());
            NotificationOrder.checkOrder(daemon.past().latest().orElse(null), notification);
            put(status.name(), daemon.published(type));
        });
        if (type == Notification.Type.DAEMON_RESTARTING) {
            String name = notification.daemon().orElseThrow().name();
            boolean planned = notification.planned();
            long delay = planned ? 0 : notification.nextStartIn().orElseThrow().toNanos();
            put(name, announced(get(name), planned, before.now() + delay));
        }
    }

    /** What still lives, or has not got SIGKILL, has to go first; an earlier time stays. */
    private ObservedDaemon announced(ObservedDaemon daemon, boolean planned, long at) {
        OptionalLong sooner = daemon.past().nextStart();
        boolean killed = daemon.is(ObservedDaemon.Processes.LEFT)
                && daemon.session().killedAt().isPresent();
        if (planned && sooner.isEmpty() && daemon.session().exists() && !killed) {
            return daemon.restartAsked();
        }
        long due = planned && sooner.isPresent() ? Math.min(sooner.getAsLong(), at) : at;
        return daemon.withNextStart(OptionalLong.of(due));
    }

    private void leave(int code) {
        int highest =
                daemons.stream().mapToInt(daemon -> daemon.past().code()).max().orElse(0);
        int expected = stop.teardownCode().orElse(highest);
        check(code == expected, "the exit code");
    }

    private ObservedDaemon get(String name) {
        return daemons.get(index(name));
    }

    private void put(String name, ObservedDaemon daemon) {
        daemons.set(index(name), daemon);
    }

    private int index(String name) {
        for (int i = 0; i < daemons.size(); i++) {
            if (after.daemons().get(i).name().equals(name)) {
                return i;
            }
        }
        throw new AssertionError("an effect for " + name);
    }

    private static void check(boolean holds, String what) {
        Invariants.check(holds, what);
    }
}
