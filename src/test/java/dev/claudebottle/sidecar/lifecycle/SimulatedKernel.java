package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.random.RandomGenerator;

/** The processes of a {@link Simulation}: they start or fail to, end by themselves, obey signals, or survive SIGKILL. */
final class SimulatedKernel {

    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1000 * MILLI;

    private final Simulation simulation;
    private final RandomGenerator random;
    private int nextPid = 2;

    SimulatedKernel(Simulation simulation, RandomGenerator random) {
        this.simulation = simulation;
        this.random = random;
    }

    void start(SimulatedDaemon daemon) {
        daemon.startUnderWay = true;
        long delay = random.nextInt(20) == 0 ? random.nextLong(9 * SECOND) : random.nextLong(5 * MILLI);
        later(delay, () -> {
            daemon.startUnderWay = false;
            if (random.nextDouble() < daemon.startFails) {
                int code = 126 + random.nextInt(2);
                daemon.group = null;
                deliver(new Event.StartFailed(daemon.name(), code, "/x", "No such file or directory"));
                return;
            }
            SimulatedDaemon.Group group = new SimulatedDaemon.Group(nextPid++, daemon.hasMembers);
            daemon.group = group;
            deliver(new Event.Started(daemon.name(), group.pid));
            if (random.nextDouble() < daemon.diesByItself) {
                long lifetime = random.nextBoolean() ? random.nextLong(50 * MILLI) : random.nextLong(15 * SECOND);
                later(lifetime, () -> leaderEnds(daemon, group, daemon.randomEnd(random)));
            }
        });
    }

    void signal(SimulatedDaemon daemon, Signal signal) {
        SimulatedDaemon.Group group = daemon.group;
        if (signal.equals(Signal.KILL)) {
            kill(daemon, group);
        } else if (simulation.isStopSignal(daemon, signal)) {
            group.stopPending = true;
        } else if (signal.equals(Signal.CONT) && group.stopPending && daemon.obeys) {
            // the process was suspended and takes its stop signal only now
            long delay = random.nextBoolean() ? random.nextLong(50 * MILLI) : random.nextLong(9 * SECOND);
            later(delay, () -> {
                leaderEnds(daemon, group, daemon.obedientEnd(random));
                if (daemon.membersObey) {
                    later(random.nextLong(SECOND), () -> membersEnd(daemon, group));
                }
            });
        }
    }

    private void kill(SimulatedDaemon daemon, SimulatedDaemon.Group group) {
        if (daemon.killable) {
            later(random.nextLong(2 * MILLI), () -> {
                leaderEnds(daemon, group, new ExitStatus.Killed(Signal.KILL, false));
                membersEnd(daemon, group);
            });
        } else if (random.nextBoolean()) {
            later(random.nextLong(5 * SECOND), () -> {
                ExitStatus end =
                        random.nextInt(4) == 0 ? daemon.randomEnd(random) : new ExitStatus.Killed(Signal.KILL, false);
                leaderEnds(daemon, group, end);
                later(random.nextLong(SECOND), () -> membersEnd(daemon, group));
            });
        }
    }

    private void leaderEnds(SimulatedDaemon daemon, SimulatedDaemon.Group group, ExitStatus status) {
        if (!group.leader) {
            return;
        }
        group.leader = false;
        later(random.nextLong(MILLI), () -> {
            group.leaderReported = true;
            Boolean oomKilled = random.nextBoolean() ? false : null;
            deliver(new Event.Exited(daemon.name(), status, group.members, oomKilled));
        });
        // by themselves, or by the SIGKILL of the supervisor
        if (random.nextInt(3) != 0) {
            later(
                    random.nextBoolean() ? random.nextLong(3 * MILLI) : random.nextLong(5 * SECOND),
                    () -> membersEnd(daemon, group));
        }
    }

    private void membersEnd(SimulatedDaemon daemon, SimulatedDaemon.Group group) {
        if (group.leader || !group.members) {
            return;
        }
        group.members = false;
        later(random.nextLong(MILLI), () -> {
            if (simulation.watches(daemon.name(), group.pid)) {
                deliver(new Event.GroupEmptied(daemon.name()));
            }
        });
    }

    private void later(long nanos, Runnable action) {
        simulation.later(nanos, action);
    }

    private void deliver(Event event) {
        simulation.deliver(event);
    }
}
