package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Probe;

/** What the answers of probes mean. */
final class ProbeRules {

    private final Turn turn;

    ProbeRules(Turn turn) {
        this.turn = turn;
    }

    void probed(Event.Probed probed) {
        DaemonStatus daemon = turn.get(probed.daemon());
        boolean alive = daemon.state() instanceof DaemonState.Starting || daemon.state() instanceof DaemonState.Running;
        // an answer may be late: from an earlier start, or after the stop has begun
        if (!alive || daemon.starts() != probed.start() || !(turn.phase instanceof Phase.Running)) {
            return;
        }
        switch (probed.kind()) {
            case READINESS -> readiness(daemon, probed);
            case LIVENESS -> liveness(daemon, probed);
        }
    }

    private void readiness(DaemonStatus daemon, Event.Probed probed) {
        if (probed.failure().isEmpty()) {
            DaemonStatus passed =
                    daemon.with(new DaemonStatus.Failures(0, daemon.failures().liveness()));
            turn.put(passed);
            if (passed.state() instanceof DaemonState.Starting) {
                turn.starts.becomeReady(passed);
            }
            return;
        }
        int failures = daemon.failures().readiness() + 1;
        DaemonStatus failed = daemon.with(
                new DaemonStatus.Failures(failures, daemon.failures().liveness()));
        turn.put(failed);
        if (failed.state() instanceof DaemonState.Running running
                && failures >= threshold(daemon.daemon().readiness().orElseThrow())) {
            DaemonStatus unready = failed.in(new DaemonState.Starting(running.pid(), running.startedAt(), true))
                    .with(failed.gaps().open(turn.now));
            turn.put(unready);
            turn.say(daemon.name() + " is not ready: " + probed.failure().get());
            turn.publish(Notice.of(Notice.Type.DAEMON_UNREADY, turn.now, unready));
        }
    }

    private void liveness(DaemonStatus daemon, Event.Probed probed) {
        int failures = probed.failure().isEmpty() ? 0 : daemon.failures().liveness() + 1;
        DaemonStatus answered =
                daemon.with(new DaemonStatus.Failures(daemon.failures().readiness(), failures));
        turn.put(answered);
        if (probed.failure().isPresent()
                && failures >= threshold(daemon.daemon().liveness().orElseThrow())) {
            turn.say(daemon.name() + " failed its liveness probe " + failures + " times: "
                    + probed.failure().get() + "; stopping it");
            DaemonStatus condemned = answered.with(answered.gaps().open(turn.now));
            turn.put(condemned);
            turn.effect(new Effect.StopProbes(daemon.name()));
            turn.stops.stopFor(condemned, true);
        }
    }

    private static int threshold(Probe probe) {
        return probe.failureThreshold();
    }
}
