package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How daemons start: in the bundle's order, after their dependencies, until they are ready. */
final class StartTransitions {

    private StartTransitions() {}

    static void begin(Transition transition, Event.Begin begin) {
        for (DaemonStatus daemon : transition.daemons()) {
            if (!(daemon.state() instanceof DaemonState.Waiting)) {
                throw transition.impossible(begin);
            }
        }
        for (DaemonStatus daemon : transition.daemons()) {
            if (!dependenciesMet(transition, daemon)) {
                transition.put(daemon.in(new DaemonState.Waiting(Optional.of(Reminder.from(transition.now())))));
            }
        }
        transition.publish(Notification.Type.BUNDLE_STARTED);
        launchNext(transition);
    }

    /** Launches one daemon at a time, so that a stop request can come between two first starts. */
    static void launchNext(Transition transition) {
        if (!transition.isRunning() || anyLaunching(transition)) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            if (daemon.state() instanceof DaemonState.Waiting && dependenciesMet(transition, daemon)) {
                launch(transition, daemon);
                return;
            }
        }
    }

    /** Starts a daemon again whose backoff is over, unless so much of its output waits that the next start waits as well. */
    static void launchIfDue(Transition transition, DaemonStatus daemon) {
        if (daemon.state() instanceof DaemonState.Backoff backoff
                && !daemon.history().outputHeld()
                && transition.now().reached(Deadlines.restart(backoff))) {
            launch(transition, daemon);
        }
    }

    private static void launch(Transition transition, DaemonStatus daemon) {
        transition.put(daemon.launched());
        transition.say(OwnLine.info("starting " + daemon.name()).about(daemon));
        transition.effect(new Effect.Start(daemon.name()));
    }

    static void started(Transition transition, Event.Started started) {
        DaemonStatus daemon = requireLaunching(transition, started.daemon(), started)
                .in(new DaemonState.Starting(
                        started.pid(), transition.now().utc(), Optional.of(Reminder.from(transition.now()))));
        transition.put(daemon);
        transition.publish(Notification.Type.DAEMON_STARTED, daemon);
        if (transition.phase() instanceof Phase.Stopping stopping) {
            StopTransitions.startedDuringStop(transition, stopping, daemon);
            return;
        }
        if (daemon.daemon().readiness().isPresent()) {
            transition.effect(new Effect.StartProbe(daemon.name(), ProbeKind.READINESS, daemon.starts()));
        } else {
            becomeReady(transition, daemon);
        }
        launchNext(transition);
    }

    /** @param daemon in {@link DaemonState.Starting} */
    static void becomeReady(Transition transition, DaemonStatus daemon) {
        DaemonState.Starting starting = (DaemonState.Starting) daemon.state();
        Duration gap = daemon.gaps().current(transition.now());
        boolean recovered = daemon.gaps().isOpen();
        DaemonStatus ready = daemon.ready(
                new DaemonState.Running(
                        starting.pid(), starting.startedAt(), transition.now().nanos()),
                transition.now());
        transition.put(ready);
        if (recovered) {
            transition.say(OwnLine.info(daemon.name() + " is ready again after " + Seconds.text(gap))
                    .about(daemon)
                    .reports(Notification.Type.DAEMON_RECOVERED)
                    .seconds(gap));
        } else if (daemon.daemon().readiness().isPresent()) {
            transition.say(
                    OwnLine.info(daemon.name() + " is ready").about(daemon).reports(Notification.Type.DAEMON_READY));
        }
        transition.publish(Notification.Type.DAEMON_READY, ready);
        if (recovered) {
            transition.publish(Notification.recovered(
                    transition.now(), ready, gap, daemon.gaps().planned()));
        }
        if (!starting.wasReady() && daemon.daemon().liveness().isPresent()) {
            transition.effect(new Effect.StartProbe(daemon.name(), ProbeKind.LIVENESS, daemon.starts()));
        }
        launchNext(transition);
    }

    /** @return the daemon that the answer to {@link Effect.Start} is about */
    static DaemonStatus requireLaunching(Transition transition, String name, Event answer) {
        DaemonStatus daemon = transition.get(name);
        if (!(daemon.state() instanceof DaemonState.Launching)) {
            throw transition.impossible(answer);
        }
        return daemon;
    }

    private static boolean anyLaunching(Transition transition) {
        return transition.daemons().stream().anyMatch(daemon -> daemon.state() instanceof DaemonState.Launching);
    }

    private static boolean dependenciesMet(Transition transition, DaemonStatus daemon) {
        return missingDependencies(transition.daemons(), daemon).isEmpty();
    }

    /** Those of a daemon that have not been ready yet. */
    static List<String> missingDependencies(List<DaemonStatus> daemons, DaemonStatus daemon) {
        return daemon.daemon().dependsOn().stream()
                .filter(name -> daemons.stream().anyMatch(other -> other.name().equals(name) && !other.everReady()))
                .toList();
    }
}
