package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;

/** How daemons come up: order, dependencies, being ready. */
final class StartRules {

    private final Turn turn;

    StartRules(Turn turn) {
        this.turn = turn;
    }

    void begin(Event.Begin begin) {
        if (!turn.daemons().stream().allMatch(daemon -> daemon.state() instanceof DaemonState.Waiting)) {
            throw turn.impossible(begin);
        }
        turn.publish(Notice.ofBundle(Notice.Type.BUNDLE_STARTED, turn.now));
        startNext();
    }

    /** First starts are asked for one by one, so that a stop request can come between two of them. */
    void startNext() {
        if (!(turn.phase instanceof Phase.Running) || isOneOnItsWay()) {
            return;
        }
        for (DaemonStatus daemon : turn.daemons()) {
            if (daemon.state() instanceof DaemonState.Waiting
                    && daemon.daemon().dependsOn().stream().allMatch(this::isMet)) {
                launch(daemon);
                return;
            }
        }
    }

    void launch(DaemonStatus daemon) {
        turn.put(daemon.launched());
        turn.say("starting " + daemon.name());
        turn.effect(new Effect.Start(daemon.name()));
    }

    void started(Event.Started started) {
        DaemonStatus daemon =
                launching(started.daemon(), started).in(new DaemonState.Starting(started.pid(), turn.now.utc(), false));
        turn.put(daemon);
        turn.publish(Notice.of(Notice.Type.DAEMON_STARTED, turn.now, daemon));
        if (turn.phase instanceof Phase.Stopping stopping) {
            turn.stops.startedLate(daemon, stopping);
            return;
        }
        if (daemon.daemon().readiness().isPresent()) {
            turn.effect(new Effect.StartProbe(daemon.name(), ProbeKind.READINESS, daemon.starts()));
        } else {
            becomeReady(daemon);
        }
        startNext();
    }

    void startFailed(Event.StartFailed failed) {
        DaemonStatus daemon = launching(failed.daemon(), failed);
        turn.deaths.startFailed(daemon, failed);
        startNext();
    }

    /** @param daemon in {@link DaemonState.Starting} */
    void becomeReady(DaemonStatus daemon) {
        DaemonState.Starting starting = (DaemonState.Starting) daemon.state();
        Duration gap = daemon.gaps().current(turn.now);
        boolean recovered = daemon.gaps().isOpen();
        DaemonStatus ready =
                daemon.ready(new DaemonState.Running(starting.pid(), starting.startedAt(), turn.now.nanos()));
        turn.put(recovered ? ready.with(ready.gaps().close(turn.now)) : ready);
        if (recovered) {
            turn.say(daemon.name() + " is ready again after " + Seconds.text(gap));
        } else if (daemon.daemon().readiness().isPresent()) {
            turn.say(daemon.name() + " is ready");
        }
        turn.publish(Notice.of(Notice.Type.DAEMON_READY, turn.now, turn.get(daemon.name())));
        if (recovered) {
            turn.publish(Notice.recovered(turn.now, turn.get(daemon.name()), gap));
        }
        if (!starting.wasReady() && daemon.daemon().liveness().isPresent()) {
            turn.effect(new Effect.StartProbe(daemon.name(), ProbeKind.LIVENESS, daemon.starts()));
        }
        startNext();
    }

    /** Those that wait for a daemon that has never been ready, and never will be, have waited in vain. */
    void giveUpWaitingFor(DaemonStatus dependency) {
        if (dependency.everReady()) {
            return;
        }
        for (DaemonStatus daemon : turn.daemons()) {
            if (daemon.state() instanceof DaemonState.Waiting
                    && daemon.daemon().dependsOn().contains(dependency.name())
                    && turn.get(daemon.name()).state() instanceof DaemonState.Waiting) {
                turn.say(daemon.name() + " is not started: " + dependency.name() + " exited");
                turn.put(daemon.in(DaemonState.Exited.DOWN));
                giveUpWaitingFor(daemon);
            }
        }
    }

    void hangUp() {
        for (String name : turn.bundle().forwardHup()) {
            if (!turn.isUnknown(name) && turn.get(name).pid().isPresent()) {
                turn.effect(new Effect.SignalGroup(name, Signal.HUP));
            }
        }
    }

    private boolean isOneOnItsWay() {
        return turn.daemons().stream().anyMatch(daemon -> daemon.state() instanceof DaemonState.Launching);
    }

    private boolean isMet(String dependency) {
        return turn.isUnknown(dependency) || turn.get(dependency).everReady();
    }

    private DaemonStatus launching(String name, Event answer) {
        DaemonStatus daemon = turn.get(name);
        if (!(daemon.state() instanceof DaemonState.Launching)) {
            throw turn.impossible(answer);
        }
        return daemon;
    }
}
