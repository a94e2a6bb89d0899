package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Probe;

/** What the answer of a probe changes. */
final class ProbeTransitions {

    private ProbeTransitions() {}

    static void probed(Transition transition, Event.Probed probed) {
        DaemonStatus daemon = transition.get(probed.daemon());
        boolean alive = daemon.state() instanceof DaemonState.Starting || daemon.state() instanceof DaemonState.Running;
        // a late answer: about an earlier start, or after the stop has begun
        if (!alive || daemon.starts() != probed.start() || !transition.isRunning()) {
            return;
        }
        switch (probed.kind()) {
            case READINESS -> readiness(transition, daemon, probed);
            case LIVENESS -> liveness(transition, daemon, probed);
        }
    }

    private static void readiness(Transition transition, DaemonStatus daemon, Event.Probed probed) {
        if (probed.failure().isEmpty()) {
            DaemonStatus passed =
                    daemon.with(new DaemonStatus.Failures(0, daemon.failures().liveness()));
            transition.put(passed);
            if (passed.state() instanceof DaemonState.Starting) {
                StartTransitions.becomeReady(transition, passed);
            }
            return;
        }
        int failures = daemon.failures().readiness() + 1;
        DaemonStatus failed = daemon.with(
                new DaemonStatus.Failures(failures, daemon.failures().liveness()));
        transition.put(failed);
        if (failed.state() instanceof DaemonState.Running running
                && failures >= threshold(daemon.daemon().readiness().orElseThrow())) {
            DaemonStatus unready = failed.in(new DaemonState.Starting(running.pid(), running.startedAt(), true))
                    .with(failed.gaps().open(transition.now()));
            transition.put(unready);
            transition.say(daemon.name() + " is not ready: " + probed.failure().get());
            transition.publish(Notification.Type.DAEMON_UNREADY, unready);
        }
    }

    private static void liveness(Transition transition, DaemonStatus daemon, Event.Probed probed) {
        int failures = probed.failure().isEmpty() ? 0 : daemon.failures().liveness() + 1;
        DaemonStatus answered =
                daemon.with(new DaemonStatus.Failures(daemon.failures().readiness(), failures));
        transition.put(answered);
        if (probed.failure().isPresent()
                && failures >= threshold(daemon.daemon().liveness().orElseThrow())) {
            transition.say(daemon.name() + " failed its liveness probe " + failures + " times: "
                    + probed.failure().get() + "; stopping it");
            DaemonStatus failedLiveness = answered.with(answered.gaps().open(transition.now()));
            transition.put(failedLiveness);
            transition.effect(new Effect.StopProbes(daemon.name()));
            StopTransitions.stop(transition, failedLiveness, true);
        }
    }

    private static int threshold(Probe probe) {
        return probe.failureThreshold();
    }
}
