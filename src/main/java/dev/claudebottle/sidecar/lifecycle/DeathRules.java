package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.RestartRules;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What a death does. */
final class DeathRules {

    private final Turn turn;

    DeathRules(Turn turn) {
        this.turn = turn;
    }

    void startFailed(DaemonStatus daemon, Event.StartFailed failed) {
        DaemonStatus ended = daemon.ended(LastExit.of(failed, turn.now), failed.code());
        String line = "cannot start " + failed.daemon() + ": " + failed.subject() + ": " + failed.error();
        if (turn.phase instanceof Phase.Running) {
            DaemonStatus dead = ended.with(ended.deaths().byStart());
            died(dead, false, consequence -> turn.say(line + consequence));
        } else {
            turn.say(line);
            turn.put(ended);
            turn.publish(Notice.of(Notice.Type.DAEMON_EXITED, turn.now, ended.in(DaemonState.Exited.DOWN)));
            turn.stops.down(ended);
        }
    }

    void exited(Event.Exited exited) {
        DaemonStatus daemon = turn.get(exited.daemon());
        DaemonStatus ended = daemon.ended(LastExit.of(exited, turn.now), turn.stops.exitCode(daemon, exited.status()));
        String line = daemon.name() + " exited with code " + exited.status().text();
        switch (daemon.state()) {
            case DaemonState.Starting _, DaemonState.Running _ -> {
                turn.effect(new Effect.StopProbes(daemon.name()));
                if (turn.phase instanceof Phase.Running) {
                    DaemonStatus dead = ended.with(ended.deaths().byExit(exited.status()));
                    died(dead, exited.groupLeft(), consequence -> lastWords(daemon, line + consequence));
                } else {
                    // it did not wait for its stop signal; what is left of it gets one
                    if (exited.groupLeft()) {
                        turn.stops.stopFor(ended, false);
                    }
                    endedInStop(exited.groupLeft() ? turn.get(daemon.name()) : ended, exited.groupLeft(), line);
                }
            }
            case DaemonState.Stopping stopping
            when stopping.alive() -> {
                if (stopping.forLiveness() && turn.phase instanceof Phase.Running) {
                    DaemonStatus dead = ended.with(ended.deaths().byLiveness());
                    died(dead, exited.groupLeft(), consequence -> lastWords(daemon, line + consequence));
                } else {
                    endedInStop(ended, exited.groupLeft(), line);
                }
            }
            // we gave it up, and the kernel let go of it after all
            case DaemonState.Exited _
            when turn.phase instanceof Phase.Stopping && daemon.isDown() -> {
                turn.put(ended);
                lastWords(daemon, line);
                turn.publish(Notice.of(Notice.Type.DAEMON_EXITED, turn.now, ended));
            }
            case DaemonState.Waiting _,
                    DaemonState.Launching _,
                    DaemonState.Backoff _,
                    DaemonState.Stopping _,
                    DaemonState.Exited _ -> throw turn.impossible(exited);
        }
    }

    void groupEmptied(Event.GroupEmptied emptied) {
        DaemonStatus daemon = turn.get(emptied.daemon());
        switch (daemon.state()) {
            case DaemonState.Stopping stopping when !stopping.alive() -> turn.stops.down(daemon);
            // its group was left alone until now, or given up
            case DaemonState.Exited _ -> turn.stops.down(daemon);
            case DaemonState.Backoff backoff -> {
                turn.put(daemon.in(backoff.groupEmptied()));
                startAgainIfDue(turn.get(daemon.name()));
            }
            // it has been started again in spite of it
            case DaemonState.Launching _, DaemonState.Starting _, DaemonState.Running _ -> {}
            case DaemonState.Waiting _, DaemonState.Stopping _ -> throw turn.impossible(emptied);
        }
    }

    void timePassed() {
        if (turn.phase instanceof Phase.Running) {
            for (DaemonStatus daemon : turn.daemons()) {
                if (daemon.state() instanceof DaemonState.Backoff) {
                    startAgainIfDue(daemon);
                }
            }
        }
    }

    /** Before every event, which may come before the timer does: those that have been ready for long begin anew. */
    void forgive() {
        if (!(turn.phase instanceof Phase.Running)) {
            return;
        }
        for (DaemonStatus daemon : turn.daemons()) {
            if (daemon.state() instanceof DaemonState.Running running
                    && daemon.recovery().canReset()
                    && isPast(Deadlines.stableAt(turn.before, running))) {
                turn.put(daemon.with(daemon.recovery().reset()));
            }
        }
    }

    private void startAgainIfDue(DaemonStatus daemon) {
        if (isPast(((DaemonState.Backoff) daemon.state()).due())) {
            turn.starts.launch(daemon);
        }
    }

    private boolean isPast(long time) {
        return turn.now.nanos() - time >= 0;
    }

    /** Says what the policy will do. */
    private interface Saying {
        void say(String consequence);
    }

    private void died(DaemonStatus dead, boolean groupLeft, Saying saying) {
        RestartRules rules = turn.bundle().restart();
        DaemonStatus mourned = dead.with(dead.gaps().open(turn.now));
        FailurePolicy policy = turn.bundle().failurePolicyOf(dead.daemon());
        boolean newlyLooping = false;
        if (policy == FailurePolicy.RESTART) {
            mourned = mourned.with(dead.recovery().died(rules, turn.now));
            newlyLooping = mourned.crashLooping() && !dead.crashLooping();
            if (mourned.crashLooping()) {
                policy = switch (rules.crashLoopAction()) {
                    case KEEP_TRYING -> FailurePolicy.RESTART;
                    case LEAVE -> FailurePolicy.LEAVE;
                    case TEARDOWN -> FailurePolicy.TEARDOWN;
                };
            }
        }
        switch (policy) {
            case RESTART -> restart(mourned, groupLeft, newlyLooping, saying);
            case LEAVE -> {
                saying.say("; leaving surviving daemons running (operator-visible via agent-side failure)");
                bury(mourned, groupLeft);
                sayLooping(turn.get(dead.name()), newlyLooping);
                turn.starts.giveUpWaitingFor(turn.get(dead.name()));
            }
            case TEARDOWN -> {
                saying.say("; shutting down the bundle");
                bury(mourned, groupLeft);
                sayLooping(turn.get(dead.name()), newlyLooping);
                turn.stops.begin(
                        dead.name() + " exited",
                        new Phase.Stopping(
                                turn.now.nanos(), OptionalLong.empty(), OptionalInt.of(dead.exitCode()), false));
            }
        }
    }

    private void restart(DaemonStatus dead, boolean groupLeft, boolean newlyLooping, Saying saying) {
        Duration delay = dead.recovery().delay(turn.bundle().restart(), turn.jitter());
        OptionalInt group = groupLeft ? dead.pid() : OptionalInt.empty();
        DaemonStatus waiting = dead.with(dead.recovery().restarted())
                .in(new DaemonState.Backoff(turn.now.plus(delay), turn.now.utc().plus(delay), group));
        saying.say("; restarting in " + Seconds.text(delay));
        turn.put(waiting);
        turn.publish(Notice.of(Notice.Type.DAEMON_EXITED, turn.now, waiting));
        sayLooping(waiting, newlyLooping);
        turn.publish(Notice.restarting(turn.now, waiting, delay));
        startAgainIfDue(waiting);
    }

    /**
     * It will not be started again. What is left of its group is left alone; but a liveness kill waits for it, as every
     * stop does.
     */
    private void bury(DaemonStatus dead, boolean groupLeft) {
        OptionalInt group = groupLeft ? dead.pid() : OptionalInt.empty();
        DaemonStatus buried = dead.state() instanceof DaemonState.Stopping stopping && groupLeft
                ? dead.in(stopping.dead())
                : dead.in(new DaemonState.Exited(group));
        turn.put(buried);
        turn.publish(Notice.of(Notice.Type.DAEMON_EXITED, turn.now, buried));
    }

    private void sayLooping(DaemonStatus daemon, boolean newlyLooping) {
        if (newlyLooping) {
            RestartRules rules = turn.bundle().restart();
            turn.say(daemon.name() + " is crash-looping ("
                    + daemon.recovery().deaths().size() + " deaths in "
                    + rules.crashLoopWindow().text() + ")");
            turn.publish(Notice.of(Notice.Type.DAEMON_CRASH_LOOPING, turn.now, daemon));
        }
    }

    private void endedInStop(DaemonStatus ended, boolean groupLeft, String line) {
        lastWords(ended, line);
        DaemonStatus next =
                ended.in(groupLeft ? ((DaemonState.Stopping) ended.state()).dead() : DaemonState.Exited.DOWN);
        turn.put(next);
        turn.publish(Notice.of(Notice.Type.DAEMON_EXITED, turn.now, next));
        if (!groupLeft) {
            turn.stops.down(next);
        }
    }

    private void lastWords(DaemonStatus daemon, String line) {
        turn.effect(new Effect.SayAfterLastWords(daemon.name(), line));
    }
}
