package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;

/** What must have happened by a certain time. A state machine that sets too late a deadline, or none, is caught here. */
final class Overdue {

    private Overdue() {}

    /** Checks that nothing is overdue when every deadline that has been reached has been acted on. */
    static void check(World world) {
        for (int i = 0; i < world.daemons().size(); i++) {
            DaemonStatus status = world.state().daemons().get(i);
            ObservedDaemon observed = world.daemons().get(i);
            if (world.running()) {
                checkRestart(world, status, observed);
                checkReset(world, status);
            }
            ObservedDaemon.Session session = observed.session();
            if (world.hasToEnd(i)) {
                boolean signalled = session.signalledAt().isPresent();
                boolean killed = session.killedAt().isPresent();
                require(
                        signalled || !world.stop().began() || !halfGrace(world, world.stop()),
                        status,
                        "is not stopped");
                require(killed || !grace(world, world.stop(), session, status), status, "is not killed");
                require(
                        !killed
                                || world.running()
                                || !world.reached(session.killedAt().getAsLong() + ObservedStop.GIVE_UP),
                        status,
                        "is not given up");
            }
        }
    }

    /** Checks that the stop is not too long. */
    static void checkEnd(World world) {
        boolean startAsked =
                world.daemons().stream().anyMatch(daemon -> daemon.is(ObservedDaemon.Processes.START_ASKED));
        Invariants.check(
                !world.stop().began()
                        || startAsked
                        || world.now() <= world.stop().endsBy(),
                "the stop does not end");
    }

    private static void checkRestart(World world, DaemonStatus status, ObservedDaemon observed) {
        if (observed.past().nextStart().isPresent() && !observed.outputHeld()) {
            boolean sessionLeft = observed.is(ObservedDaemon.Processes.LEFT);
            long due = observed.past().nextStart().getAsLong() + (sessionLeft ? ObservedStop.GIVE_UP : 0);
            require(!world.reached(due), status, "is not started again");
        }
    }

    private static void checkReset(World world, DaemonStatus status) {
        if (status.state() instanceof DaemonState.Running running) {
            long resetAfter = nanos(SearchedBundle.restartOf(world.state().bundle(), status.daemon())
                    .resetAfter());
            boolean stable = world.reached(running.readySince() + resetAfter);
            require(!stable || !status.restartHistory().canReset(), status, "is not reset");
        }
    }

    /** Whether a session that got its stop signal has had its grace. */
    static boolean grace(World world, ObservedStop stop, ObservedDaemon.Session session, DaemonStatus status) {
        if (session.signalledAt().isEmpty()) {
            return false;
        }
        TimeSpan grace = world.state().bundle().stopGracePeriod();
        long own = nanos(status.daemon().stopGracePeriod().orElse(grace));
        return world.reached(session.signalledAt().getAsLong() + Math.min(own, nanos(grace)))
                || stop.began() && world.reached(stop.since().getAsLong() + nanos(grace));
    }

    static boolean halfGrace(World world, ObservedStop stop) {
        long half = nanos(world.state().bundle().stopGracePeriod()) / 2;
        return world.reached(stop.since().getAsLong() + half);
    }

    /** Whether another daemon that is not down depends on it. */
    static boolean isNeeded(BundleState state, String name) {
        List<DaemonStatus> daemons = state.daemons();
        return daemons.stream()
                .anyMatch(other -> !other.isDown() && other.daemon().dependsOn().contains(name));
    }

    static long nanos(TimeSpan span) {
        return span.duration().toNanos();
    }

    private static void require(boolean holds, DaemonStatus daemon, String what) {
        if (!holds) {
            throw new AssertionError(daemon.name() + " " + what + " in time");
        }
    }
}
