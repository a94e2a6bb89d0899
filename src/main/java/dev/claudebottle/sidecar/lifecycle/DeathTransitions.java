package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What a death does. */
final class DeathTransitions {

    private final Transition transition;

    DeathTransitions(Transition transition) {
        this.transition = transition;
    }

    void startFailed(DaemonStatus daemon, Event.StartFailed failed) {
        DaemonStatus ended = daemon.ended(LastExit.of(failed, transition.now), failed.code());
        String line = "cannot start " + failed.daemon() + ": " + failed.subject() + ": " + failed.error();
        if (transition.phase instanceof Phase.Running) {
            DaemonStatus dead = ended.with(ended.deaths().byStart());
            died(dead, false, consequence -> transition.say(line + consequence));
        } else {
            transition.say(line);
            transition.put(ended);
            transition.publish(Notification.of(
                    Notification.Type.DAEMON_EXITED, transition.now, ended.in(DaemonState.Exited.DOWN)));
            transition.stops.down(ended);
        }
    }

    void exited(Event.Exited exited) {
        DaemonStatus daemon = transition.get(exited.daemon());
        DaemonStatus ended =
                daemon.ended(LastExit.of(exited, transition.now), transition.stops.exitCode(daemon, exited.status()));
        String line = daemon.name() + " exited with code " + exited.status().text();
        switch (daemon.state()) {
            case DaemonState.Starting _, DaemonState.Running _ -> {
                transition.effect(new Effect.StopProbes(daemon.name()));
                if (transition.phase instanceof Phase.Running) {
                    DaemonStatus dead = ended.with(ended.deaths().byExit(exited.status()));
                    died(dead, exited.groupLeft(), consequence -> lastWords(daemon, line + consequence));
                } else {
                    // it did not wait for its stop signal; what is left of it gets one
                    if (exited.groupLeft()) {
                        transition.stops.stopFor(ended, false);
                    }
                    endedInStop(exited.groupLeft() ? transition.get(daemon.name()) : ended, exited.groupLeft(), line);
                }
            }
            case DaemonState.Stopping stopping
            when stopping.alive() -> {
                if (stopping.forLiveness() && transition.phase instanceof Phase.Running) {
                    DaemonStatus dead = ended.with(ended.deaths().byLiveness());
                    died(dead, exited.groupLeft(), consequence -> lastWords(daemon, line + consequence));
                } else {
                    endedInStop(ended, exited.groupLeft(), line);
                }
            }
            // we gave it up, and the kernel let go of it after all
            case DaemonState.Exited _
            when transition.phase instanceof Phase.Stopping && daemon.isDown() -> {
                transition.put(ended);
                lastWords(daemon, line);
                transition.publish(Notification.of(Notification.Type.DAEMON_EXITED, transition.now, ended));
            }
            case DaemonState.Waiting _,
                    DaemonState.Launching _,
                    DaemonState.Backoff _,
                    DaemonState.Stopping _,
                    DaemonState.Exited _ -> throw transition.impossible(exited);
        }
    }

    void groupEmptied(Event.GroupEmptied emptied) {
        DaemonStatus daemon = transition.get(emptied.daemon());
        switch (daemon.state()) {
            case DaemonState.Stopping stopping when !stopping.alive() -> transition.stops.down(daemon);
            // its group was left alone until now, or given up
            case DaemonState.Exited _ -> transition.stops.down(daemon);
            case DaemonState.Backoff backoff -> {
                transition.put(daemon.in(backoff.groupEmptied()));
                startAgainIfDue(transition.get(daemon.name()));
            }
            // it has been started again in spite of it
            case DaemonState.Launching _, DaemonState.Starting _, DaemonState.Running _ -> {}
            case DaemonState.Waiting _, DaemonState.Stopping _ -> throw transition.impossible(emptied);
        }
    }

    void timePassed() {
        if (transition.phase instanceof Phase.Running) {
            for (DaemonStatus daemon : transition.daemons()) {
                if (daemon.state() instanceof DaemonState.Backoff) {
                    startAgainIfDue(daemon);
                }
            }
        }
    }

    /** Before every event, which may come before the timer does: those that have been ready for long begin anew. */
    void resetStable() {
        if (!(transition.phase instanceof Phase.Running)) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            if (daemon.state() instanceof DaemonState.Running running
                    && daemon.restartHistory().canReset()
                    && isPast(Deadlines.stableAt(transition.before, running))) {
                transition.put(daemon.with(daemon.restartHistory().reset()));
            }
        }
    }

    private void startAgainIfDue(DaemonStatus daemon) {
        if (isPast(((DaemonState.Backoff) daemon.state()).due())) {
            transition.starts.launch(daemon);
        }
    }

    private boolean isPast(long time) {
        return transition.now.nanos() - time >= 0;
    }

    /** Says what the policy will do. */
    private interface DeathMessage {
        void say(String consequence);
    }

    private void died(DaemonStatus dead, boolean groupLeft, DeathMessage message) {
        RestartPolicy rules = transition.bundle().restart();
        DaemonStatus afterDeath = dead.with(dead.gaps().open(transition.now));
        FailurePolicy policy = transition.bundle().failurePolicyOf(dead.daemon());
        boolean newlyLooping = false;
        if (policy == FailurePolicy.RESTART) {
            afterDeath = afterDeath.with(dead.restartHistory().died(rules, transition.now));
            newlyLooping = afterDeath.crashLooping() && !dead.crashLooping();
            if (afterDeath.crashLooping()) {
                policy = switch (rules.crashLoopAction()) {
                    case KEEP_TRYING -> FailurePolicy.RESTART;
                    case LEAVE -> FailurePolicy.LEAVE;
                    case TEARDOWN -> FailurePolicy.TEARDOWN;
                };
            }
        }
        switch (policy) {
            case RESTART -> restart(afterDeath, groupLeft, newlyLooping, message);
            case LEAVE -> {
                message.say("; leaving surviving daemons running (operator-visible via agent-side failure)");
                markExited(afterDeath, groupLeft);
                reportCrashLoop(transition.get(dead.name()), newlyLooping);
                transition.starts.giveUpWaitingFor(transition.get(dead.name()));
            }
            case TEARDOWN -> {
                message.say("; shutting down the bundle");
                markExited(afterDeath, groupLeft);
                reportCrashLoop(transition.get(dead.name()), newlyLooping);
                transition.stops.begin(
                        dead.name() + " exited",
                        new Phase.Stopping(
                                transition.now.nanos(), OptionalLong.empty(), OptionalInt.of(dead.exitCode()), false));
            }
        }
    }

    private void restart(DaemonStatus dead, boolean groupLeft, boolean newlyLooping, DeathMessage message) {
        Duration delay = dead.restartHistory().delay(transition.bundle().restart(), transition.jitter());
        OptionalInt group = groupLeft ? dead.pid() : OptionalInt.empty();
        DaemonStatus waiting = dead.with(dead.restartHistory().restarted())
                .in(new DaemonState.Backoff(
                        transition.now.plus(delay), transition.now.utc().plus(delay), group));
        message.say("; restarting in " + Seconds.text(delay));
        transition.put(waiting);
        transition.publish(Notification.of(Notification.Type.DAEMON_EXITED, transition.now, waiting));
        reportCrashLoop(waiting, newlyLooping);
        transition.publish(Notification.restarting(transition.now, waiting, delay));
        startAgainIfDue(waiting);
    }

    /**
     * It will not be started again. What is left of its group is left alone; but a liveness kill waits for it, as every
     * stop does.
     */
    private void markExited(DaemonStatus dead, boolean groupLeft) {
        OptionalInt group = groupLeft ? dead.pid() : OptionalInt.empty();
        DaemonStatus exited = dead.state() instanceof DaemonState.Stopping stopping && groupLeft
                ? dead.in(stopping.dead())
                : dead.in(new DaemonState.Exited(group));
        transition.put(exited);
        transition.publish(Notification.of(Notification.Type.DAEMON_EXITED, transition.now, exited));
    }

    private void reportCrashLoop(DaemonStatus daemon, boolean newlyLooping) {
        if (newlyLooping) {
            RestartPolicy rules = transition.bundle().restart();
            transition.say(daemon.name() + " is crash-looping ("
                    + daemon.restartHistory().deaths().size() + " deaths in "
                    + rules.crashLoopWindow().text() + ")");
            transition.publish(Notification.of(Notification.Type.DAEMON_CRASH_LOOPING, transition.now, daemon));
        }
    }

    private void endedInStop(DaemonStatus ended, boolean groupLeft, String line) {
        lastWords(ended, line);
        DaemonStatus next =
                ended.in(groupLeft ? ((DaemonState.Stopping) ended.state()).dead() : DaemonState.Exited.DOWN);
        transition.put(next);
        transition.publish(Notification.of(Notification.Type.DAEMON_EXITED, transition.now, next));
        if (!groupLeft) {
            transition.stops.down(next);
        }
    }

    private void lastWords(DaemonStatus daemon, String line) {
        transition.effect(new Effect.SayAfterLastWords(daemon.name(), line));
    }
}
