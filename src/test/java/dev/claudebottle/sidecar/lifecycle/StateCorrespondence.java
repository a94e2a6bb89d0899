package dev.claudebottle.sidecar.lifecycle;

import java.util.OptionalInt;

/** What the state of a daemon says about its processes and probes, against what its environment knows. */
final class StateCorrespondence {

    private StateCorrespondence() {}

    static void check(World world, int index) {
        DaemonStatus status = world.state().daemons().get(index);
        ObservedDaemon observed = world.daemons().get(index);
        boolean fits = switch (status.state()) {
            case DaemonState.Waiting _ -> world.running() && observed.is(ObservedDaemon.Processes.NEVER_STARTED);
            case DaemonState.Launching _ -> observed.is(ObservedDaemon.Processes.START_ASKED);
            case DaemonState.Starting _, DaemonState.Running _ -> livesUnsignalled(observed);
            case DaemonState.Backoff(long _, var _, OptionalInt session) ->
                world.running()
                        && isDead(observed, session.isPresent())
                        && observed.past().nextStart().isPresent();
            case DaemonState.Stopping stopping -> isStopped(observed, stopping);
            case DaemonState.Exited exited
            when exited.deadSession().isPresent() ->
                isDead(observed, true) && observed.session().signalledAt().isEmpty();
            case DaemonState.Exited _ -> isDownOrGivenUp(world, observed);
        };
        if (!fits) {
            throw new AssertionError(status.name() + ": " + status.state() + " does not fit " + observed);
        }
        Invariants.check(status.everReady() == observed.past().everReady(), "everReady");
        Invariants.check(status.history().outputHeld() == observed.outputHeld(), "outputHeld");

        boolean lives = world.running() && livesUnsignalled(observed);
        boolean ready = status.state() instanceof DaemonState.Running
                || status.state() instanceof DaemonState.Starting starting && starting.wasReady();
        Invariants.check(
                observed.probes().readiness()
                        == (lives && status.daemon().readiness().isPresent()),
                "readiness probes");
        Invariants.check(
                observed.probes().liveness()
                        == (lives && ready && status.daemon().liveness().isPresent()),
                "liveness probes");
    }

    private static boolean livesUnsignalled(ObservedDaemon observed) {
        return observed.is(ObservedDaemon.Processes.ALIVE)
                && observed.session().signalledAt().isEmpty();
    }

    private static boolean isDead(ObservedDaemon observed, boolean sessionLeft) {
        return observed.is(sessionLeft ? ObservedDaemon.Processes.LEFT : ObservedDaemon.Processes.GONE);
    }

    private static boolean isStopped(ObservedDaemon observed, DaemonState.Stopping stopping) {
        return observed.is(stopping.alive() ? ObservedDaemon.Processes.ALIVE : ObservedDaemon.Processes.LEFT)
                && observed.session().signalledAt().isPresent()
                && observed.session().killedAt().isPresent()
                        == stopping.killedAt().isPresent();
    }

    private static boolean isDownOrGivenUp(World world, ObservedDaemon observed) {
        if (!observed.session().exists()) {
            return observed.is(ObservedDaemon.Processes.GONE) || observed.is(ObservedDaemon.Processes.NEVER_STARTED);
        }
        return observed.session().killedAt().isPresent()
                && world.reached(observed.session().killedAt().getAsLong() + ObservedStop.GIVE_UP);
    }
}
