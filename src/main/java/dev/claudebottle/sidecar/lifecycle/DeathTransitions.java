package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** What the end of a daemon changes: a death, to which a policy applies, or an end that belongs to a stop. */
final class DeathTransitions {

    private DeathTransitions() {}

    static void startFailed(Transition transition, Event.StartFailed failed) {
        DaemonStatus daemon = StartTransitions.requireLaunching(transition, failed.daemon(), failed);
        DaemonStatus ended = daemon.ended(LastExit.of(failed, transition.now()), failed.code());
        OwnLine line = OwnLine.error(
                        "cannot start " + failed.daemon() + ": " + failed.subject() + ": " + failed.error())
                .about(daemon)
                .reports(Notification.Type.DAEMON_EXITED)
                .code(failed.code());
        if (transition.isRunning()) {
            died(transition, ended, false, line, transition::say);
            StartTransitions.launchNext(transition);
        } else {
            transition.say(line.at(levelInStop(ended)));
            transition.publish(Notification.Type.DAEMON_EXITED, ended.in(DaemonState.Exited.DOWN));
            StopTransitions.markDown(transition, ended);
        }
    }

    static void exited(Transition transition, Event.Exited exited) {
        DaemonStatus daemon = transition.get(exited.daemon());
        DaemonStatus ended = ended(transition, daemon, exited);
        OwnLine line = exitLine(ended);
        Consumer<OwnLine> say = said -> sayAfterLastWords(transition, daemon, said);
        switch (daemon.state()) {
            case DaemonState.Starting _, DaemonState.Running _ -> {
                transition.effect(new Effect.StopProbes(daemon.name()));
                if (transition.isRunning()) {
                    died(transition, ended, exited.sessionLeft(), line, say);
                } else {
                    exitedBeforeItsStopSignal(transition, ended, exited.sessionLeft(), line);
                }
            }
            case DaemonState.Stopping stopping
            when stopping.alive() -> {
                if (stopping.forLiveness() && transition.isRunning()) {
                    died(transition, ended, exited.sessionLeft(), line, say);
                } else {
                    exitedInStop(transition, ended, exited.sessionLeft(), line);
                }
            }
            // we gave it up, and the kernel has let it go after all
            case DaemonState.Exited _
            when transition.phase() instanceof Phase.Stopping && daemon.isDown() -> {
                transition.put(ended);
                sayAfterLastWords(transition, daemon, line.at(levelInStop(ended)));
                transition.publish(Notification.Type.DAEMON_EXITED, ended);
            }
            case DaemonState.Waiting _,
                    DaemonState.Launching _,
                    DaemonState.Backoff _,
                    DaemonState.Stopping _,
                    DaemonState.Exited _ -> throw transition.impossible(exited);
        }
    }

    static void sessionEmptied(Transition transition, Event.SessionEmptied emptied) {
        DaemonStatus daemon = transition.get(emptied.daemon());
        switch (daemon.state()) {
            case DaemonState.Stopping stopping when !stopping.alive() -> StopTransitions.markDown(transition, daemon);
            // no stop has reached the session yet, or we gave it up
            case DaemonState.Exited _ -> StopTransitions.markDown(transition, daemon);
            case DaemonState.Backoff backoff -> {
                DaemonStatus waiting = daemon.in(backoff.sessionEmptied());
                transition.put(waiting);
                StartTransitions.launchIfDue(transition, waiting);
            }
            // the restart did not wait for the session any longer
            case DaemonState.Launching _, DaemonState.Starting _, DaemonState.Running _ -> {}
            case DaemonState.Waiting _, DaemonState.Stopping _ -> throw transition.impossible(emptied);
        }
    }

    /** Its next start waits until stdout takes its output: otherwise a daemon that dies again and again would use up our memory. */
    static void outputHeld(Transition transition, Event.OutputHeld held) {
        DaemonStatus daemon = transition.get(held.daemon());
        transition.put(daemon.withOutputHeld(true));
        if (transition.isRunning() && !(daemon.state() instanceof DaemonState.Exited)) {
            transition.say(
                    OwnLine.warning("the next start of " + daemon.name() + " waits until its output has been read")
                            .about(daemon));
        }
    }

    static void outputReleased(Transition transition, Event.OutputReleased released) {
        DaemonStatus daemon = transition.get(released.daemon()).withOutputHeld(false);
        transition.put(daemon);
        if (transition.isRunning()) {
            StartTransitions.launchIfDue(transition, daemon);
        }
    }

    static void timePassed(Transition transition) {
        if (!transition.isRunning()) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            StartTransitions.launchIfDue(transition, daemon);
        }
    }

    /** Resets the restart history of stable daemons; runs before every event, because the timer may be late. */
    static void resetStable(Transition transition) {
        if (!transition.isRunning()) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            if (daemon.state() instanceof DaemonState.Running running
                    && daemon.restartHistory().canReset()
                    && transition.now().reached(Deadlines.reset(transition.bundle(), daemon, running))) {
                transition.put(daemon.with(daemon.restartHistory().reset()));
            }
        }
    }

    /**
     * @param line says that it died; what the policy does about it is added
     * @param say puts the whole line out
     */
    private static void died(
            Transition transition, DaemonStatus ended, boolean sessionLeft, OwnLine line, Consumer<OwnLine> say) {
        DaemonStatus afterDeath = countDeath(transition, ended);
        boolean newlyLooping = afterDeath.crashLooping() && !ended.crashLooping();
        switch (policyAfter(transition, afterDeath)) {
            case RESTART -> restart(transition, afterDeath, sessionLeft, newlyLooping, line, say);
            case LEAVE -> {
                say.accept(line.and("; leaving surviving daemons running (operator-visible via agent-side failure)"));
                DaemonStatus exited = markExited(transition, afterDeath, sessionLeft);
                reportCrashLoop(transition, exited, newlyLooping);
                exitDependents(transition, exited);
            }
            case TEARDOWN -> {
                say.accept(line.and("; shutting down the bundle"));
                DaemonStatus exited = markExited(transition, afterDeath, sessionLeft);
                reportCrashLoop(transition, exited, newlyLooping);
                StopTransitions.begin(
                        transition,
                        StopTransitions.shuttingDown(ended.name() + " exited").at(OwnLine.Level.ERROR),
                        Phase.Stopping.teardown(transition.now(), ended.exitCode()));
            }
        }
    }

    /** Only what may be restarted by its policy can be crash-looping. */
    static DaemonStatus countDeath(Transition transition, DaemonStatus ended) {
        DaemonStatus dead = ended.with(
                        ended.deaths().plusOne(ended.lastExit().orElseThrow().reason()))
                .with(ended.gaps().open(transition.now()));
        return transition.bundle().failurePolicyOf(dead.daemon()) == FailurePolicy.RESTART
                ? dead.with(dead.restartHistory().died(transition.bundle().restartOf(dead.daemon()), transition.now()))
                : dead;
    }

    private static FailurePolicy policyAfter(Transition transition, DaemonStatus dead) {
        if (!dead.crashLooping()) {
            return transition.bundle().failurePolicyOf(dead.daemon());
        }
        return switch (transition.bundle().restartOf(dead.daemon()).crashLoopAction()) {
            case KEEP_TRYING -> FailurePolicy.RESTART;
            case LEAVE -> FailurePolicy.LEAVE;
            case TEARDOWN -> FailurePolicy.TEARDOWN;
        };
    }

    private static void restart(
            Transition transition,
            DaemonStatus dead,
            boolean sessionLeft,
            boolean newlyLooping,
            OwnLine line,
            Consumer<OwnLine> say) {
        Duration delay = dead.restartHistory().delay(transition.bundle().restartOf(dead.daemon()), transition.jitter());
        OptionalInt session = sessionLeft ? dead.pid() : OptionalInt.empty();
        DaemonStatus waiting = dead.with(dead.restartHistory().restarted())
                .in(new DaemonState.Backoff(
                        transition.now().plus(delay), transition.now().utc().plus(delay), session));
        say.accept(line.and("; restarting in " + Seconds.text(delay))
                .at(OwnLine.Level.WARNING)
                .seconds(delay));
        transition.put(waiting);
        transition.publish(Notification.Type.DAEMON_EXITED, waiting);
        reportCrashLoop(transition, waiting, newlyLooping);
        transition.publish(Notification.restarting(transition.now(), waiting, delay));
        StartTransitions.launchIfDue(transition, waiting);
    }

    /**
     * Marks a daemon that is not started again. Nothing signals the session that it left before a stop; a stop for its
     * liveness, like every stop, lasts until that session is empty.
     */
    private static DaemonStatus markExited(Transition transition, DaemonStatus dead, boolean sessionLeft) {
        OptionalInt session = sessionLeft ? dead.pid() : OptionalInt.empty();
        DaemonStatus exited = dead.state() instanceof DaemonState.Stopping stopping && sessionLeft
                ? dead.in(stopping.dead())
                : dead.in(new DaemonState.Exited(session));
        transition.put(exited);
        transition.publish(Notification.Type.DAEMON_EXITED, exited);
        return exited;
    }

    /** Gives up the start of the daemons that wait for a dependency which can no longer become ready. */
    private static void exitDependents(Transition transition, DaemonStatus dependency) {
        if (dependency.everReady()) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            if (daemon.state() instanceof DaemonState.Waiting
                    && daemon.daemon().dependsOn().contains(dependency.name())) {
                transition.say(OwnLine.error(daemon.name() + " is not started: " + dependency.name() + " exited")
                        .about(daemon));
                transition.put(daemon.in(DaemonState.Exited.DOWN));
                exitDependents(transition, daemon);
            }
        }
    }

    static void reportCrashLoop(Transition transition, DaemonStatus daemon, boolean newlyLooping) {
        if (newlyLooping) {
            RestartPolicy restartPolicy = transition.bundle().restartOf(daemon.daemon());
            transition.say(OwnLine.error(daemon.name() + " is crash-looping ("
                            + daemon.restartHistory().deaths().size() + " deaths in "
                            + restartPolicy.crashLoopWindow().text() + ")")
                    .about(daemon)
                    .reports(Notification.Type.DAEMON_CRASH_LOOPING));
            transition.publish(Notification.Type.DAEMON_CRASH_LOOPING, daemon);
        }
    }

    private static void exitedBeforeItsStopSignal(
            Transition transition, DaemonStatus ended, boolean sessionLeft, OwnLine line) {
        if (sessionLeft) {
            StopTransitions.stop(transition, ended);
            exitedInStop(transition, transition.get(ended.name()), true, line);
        } else {
            exitedInStop(transition, ended, false, line);
        }
    }

    private static void exitedInStop(Transition transition, DaemonStatus ended, boolean sessionLeft, OwnLine line) {
        sayAfterLastWords(transition, ended, line.at(levelInStop(ended)));
        DaemonStatus next =
                ended.in(sessionLeft ? ((DaemonState.Stopping) ended.state()).dead() : DaemonState.Exited.DOWN);
        transition.put(next);
        transition.publish(Notification.Type.DAEMON_EXITED, next);
        if (!sessionLeft) {
            StopTransitions.markDown(transition, next);
        }
    }

    static DaemonStatus ended(Transition transition, DaemonStatus daemon, Event.Exited exited) {
        return daemon.ended(
                LastExit.of(daemon.state(), exited, transition.now()),
                ExitCodes.ofDaemon(transition.phase(), daemon, exited.status()));
    }

    static OwnLine exitLine(DaemonStatus ended) {
        LastExit exit = ended.lastExit().orElseThrow();
        return OwnLine.error(ended.name() + " exited with code " + exit.textOfLine())
                .about(ended)
                .reports(Notification.Type.DAEMON_EXITED)
                .code(exit.code())
                .signal(exit.signal());
    }

    /** An end that was asked for is as it should be when it adds nothing to the exit code. */
    static OwnLine.Level levelInStop(DaemonStatus ended) {
        return ended.exitCode() == 0 ? OwnLine.Level.INFO : OwnLine.Level.WARNING;
    }

    static void sayAfterLastWords(Transition transition, DaemonStatus daemon, OwnLine line) {
        transition.effect(new Effect.SayAfterLastWords(daemon.name(), line));
    }
}
