package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Probe;
import java.util.Optional;

/** What the answer of a probe changes. */
final class ProbeTransitions {

    private ProbeTransitions() {}

    static void probed(Transition transition, Event.Probed probed) {
        DaemonStatus daemon = transition.get(probed.daemon());
        if (!concerns(transition, daemon, probed.start())) {
            return;
        }
        DaemonStatus answered = daemon.with(daemon.probeHistory().after(probed, transition.now()));
        transition.put(answered);
        switch (probed.kind()) {
            case READINESS -> readiness(transition, answered, probed.failure());
            case LIVENESS -> liveness(transition, answered, probed.failure());
        }
    }

    /** Says it once, until a probe can be sent again. */
    static void notProbed(Transition transition, Event.NotProbed notProbed) {
        DaemonStatus daemon = transition.get(notProbed.daemon());
        if (concerns(transition, daemon, notProbed.start())
                && !daemon.probeHistory().of(notProbed.kind()).notProbed()) {
            transition.put(daemon.with(daemon.probeHistory().after(notProbed)));
            transition.say(
                    OwnLine.warning("cannot probe " + daemon.name() + ": " + notProbed.cause() + "; trying again")
                            .about(daemon));
        }
    }

    /** False for a late answer: about an earlier start, or after the stop has begun. */
    private static boolean concerns(Transition transition, DaemonStatus daemon, int start) {
        boolean alive = daemon.state() instanceof DaemonState.Starting || daemon.state() instanceof DaemonState.Running;
        return alive && daemon.starts() == start && transition.isRunning();
    }

    private static void readiness(Transition transition, DaemonStatus daemon, Optional<String> failure) {
        int failures = daemon.probeHistory().readiness().failures();
        if (failure.isEmpty()) {
            if (daemon.state() instanceof DaemonState.Starting) {
                StartTransitions.becomeReady(transition, daemon);
            }
        } else if (daemon.state() instanceof DaemonState.Running running
                && reachesThreshold(failures, daemon.daemon().readiness())) {
            DaemonStatus unready = daemon.in(
                            new DaemonState.Starting(running.pid(), running.startedAt(), Optional.empty()))
                    .with(daemon.gaps().open(transition.now()));
            transition.put(unready);
            transition.say(OwnLine.warning(daemon.name() + " is not ready: " + failure.get())
                    .about(daemon)
                    .reports(Notification.Type.DAEMON_UNREADY));
            transition.publish(Notification.Type.DAEMON_UNREADY, unready);
        }
    }

    private static void liveness(Transition transition, DaemonStatus daemon, Optional<String> failure) {
        int failures = daemon.probeHistory().liveness().failures();
        if (failure.isPresent() && reachesThreshold(failures, daemon.daemon().liveness())) {
            transition.say(OwnLine.warning(daemon.name() + " failed its liveness probe " + failures + " times: "
                            + failure.get() + "; stopping it")
                    .about(daemon));
            transition.effect(new Effect.StopProbes(daemon.name()));
            StopTransitions.stopForLiveness(
                    transition, daemon.with(daemon.gaps().open(transition.now())));
        }
    }

    private static boolean reachesThreshold(int failures, Optional<Probe> probe) {
        return probe.orElseThrow().failsAfter(failures);
    }
}
