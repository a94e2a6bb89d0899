package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;

/** How daemons come up: order, dependencies, being ready. */
final class StartTransitions {

    private final Transition transition;

    StartTransitions(Transition transition) {
        this.transition = transition;
    }

    void begin(Event.Begin begin) {
        if (!transition.daemons().stream().allMatch(daemon -> daemon.state() instanceof DaemonState.Waiting)) {
            throw transition.impossible(begin);
        }
        transition.publish(Notification.ofBundle(Notification.Type.BUNDLE_STARTED, transition.now));
        startNext();
    }

    /** First starts are asked for one by one, so that a stop request can come between two of them. */
    void startNext() {
        if (!(transition.phase instanceof Phase.Running) || isOneOnItsWay()) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            if (daemon.state() instanceof DaemonState.Waiting
                    && daemon.daemon().dependsOn().stream().allMatch(this::isMet)) {
                launch(daemon);
                return;
            }
        }
    }

    void launch(DaemonStatus daemon) {
        transition.put(daemon.launched());
        transition.say("starting " + daemon.name());
        transition.effect(new Effect.Start(daemon.name()));
    }

    void started(Event.Started started) {
        DaemonStatus daemon = launching(started.daemon(), started)
                .in(new DaemonState.Starting(started.pid(), transition.now.utc(), false));
        transition.put(daemon);
        transition.publish(Notification.of(Notification.Type.DAEMON_STARTED, transition.now, daemon));
        if (transition.phase instanceof Phase.Stopping stopping) {
            transition.stops.startedLate(daemon, stopping);
            return;
        }
        if (daemon.daemon().readiness().isPresent()) {
            transition.effect(new Effect.StartProbe(daemon.name(), ProbeKind.READINESS, daemon.starts()));
        } else {
            becomeReady(daemon);
        }
        startNext();
    }

    void startFailed(Event.StartFailed failed) {
        DaemonStatus daemon = launching(failed.daemon(), failed);
        transition.deaths.startFailed(daemon, failed);
        startNext();
    }

    /** @param daemon in {@link DaemonState.Starting} */
    void becomeReady(DaemonStatus daemon) {
        DaemonState.Starting starting = (DaemonState.Starting) daemon.state();
        Duration gap = daemon.gaps().current(transition.now);
        boolean recovered = daemon.gaps().isOpen();
        DaemonStatus ready =
                daemon.ready(new DaemonState.Running(starting.pid(), starting.startedAt(), transition.now.nanos()));
        transition.put(recovered ? ready.with(ready.gaps().close(transition.now)) : ready);
        if (recovered) {
            transition.say(daemon.name() + " is ready again after " + Seconds.text(gap));
        } else if (daemon.daemon().readiness().isPresent()) {
            transition.say(daemon.name() + " is ready");
        }
        transition.publish(
                Notification.of(Notification.Type.DAEMON_READY, transition.now, transition.get(daemon.name())));
        if (recovered) {
            transition.publish(Notification.recovered(transition.now, transition.get(daemon.name()), gap));
        }
        if (!starting.wasReady() && daemon.daemon().liveness().isPresent()) {
            transition.effect(new Effect.StartProbe(daemon.name(), ProbeKind.LIVENESS, daemon.starts()));
        }
        startNext();
    }

    /** Those that wait for a daemon that has never been ready, and never will be, have waited in vain. */
    void giveUpWaitingFor(DaemonStatus dependency) {
        if (dependency.everReady()) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            if (daemon.state() instanceof DaemonState.Waiting
                    && daemon.daemon().dependsOn().contains(dependency.name())
                    && transition.get(daemon.name()).state() instanceof DaemonState.Waiting) {
                transition.say(daemon.name() + " is not started: " + dependency.name() + " exited");
                transition.put(daemon.in(DaemonState.Exited.DOWN));
                giveUpWaitingFor(daemon);
            }
        }
    }

    void hangUp() {
        for (String name : transition.bundle().forwardHup()) {
            if (!transition.isUnknown(name) && transition.get(name).pid().isPresent()) {
                transition.effect(new Effect.SignalGroup(name, Signal.HUP));
            }
        }
    }

    private boolean isOneOnItsWay() {
        return transition.daemons().stream().anyMatch(daemon -> daemon.state() instanceof DaemonState.Launching);
    }

    private boolean isMet(String dependency) {
        return transition.isUnknown(dependency) || transition.get(dependency).everReady();
    }

    private DaemonStatus launching(String name, Event answer) {
        DaemonStatus daemon = transition.get(name);
        if (!(daemon.state() instanceof DaemonState.Launching)) {
            throw transition.impossible(answer);
        }
        return daemon;
    }
}
