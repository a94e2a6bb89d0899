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
                daemon.session = null;
                deliver(new Event.StartFailed(daemon.name(), code, "/x", "No such file or directory"));
                return;
            }
            SimulatedDaemon.Session session = new SimulatedDaemon.Session(nextPid++, daemon.hasMembers);
            daemon.session = session;
            deliver(new Event.Started(daemon.name(), session.pid));
            if (random.nextDouble() < daemon.diesByItself) {
                long lifetime = random.nextBoolean() ? random.nextLong(50 * MILLI) : random.nextLong(15 * SECOND);
                later(lifetime, () -> leaderEnds(daemon, session, daemon.randomEnd(random)));
            }
        });
    }

    void signal(SimulatedDaemon daemon, Signal signal) {
        SimulatedDaemon.Session session = daemon.session;
        if (signal.equals(Signal.KILL)) {
            kill(daemon, session);
        } else if (simulation.isStopSignal(daemon, signal)) {
            session.stopPending = true;
        } else if (signal.equals(Signal.CONT) && session.stopPending && daemon.obeys) {
            // the process was suspended and takes its stop signal only now
            long delay = random.nextBoolean() ? random.nextLong(50 * MILLI) : random.nextLong(9 * SECOND);
            later(delay, () -> {
                leaderEnds(daemon, session, daemon.obedientEnd(random));
                if (daemon.membersObey) {
                    later(random.nextLong(SECOND), () -> membersEnd(daemon, session));
                }
            });
        }
    }

    private void kill(SimulatedDaemon daemon, SimulatedDaemon.Session session) {
        if (daemon.killable) {
            later(random.nextLong(2 * MILLI), () -> {
                leaderEnds(daemon, session, new ExitStatus.Killed(Signal.KILL, false));
                membersEnd(daemon, session);
            });
        } else if (random.nextBoolean()) {
            later(random.nextLong(5 * SECOND), () -> {
                ExitStatus end =
                        random.nextInt(4) == 0 ? daemon.randomEnd(random) : new ExitStatus.Killed(Signal.KILL, false);
                leaderEnds(daemon, session, end);
                later(random.nextLong(SECOND), () -> membersEnd(daemon, session));
            });
        }
    }

    private void leaderEnds(SimulatedDaemon daemon, SimulatedDaemon.Session session, ExitStatus status) {
        if (!session.leader) {
            return;
        }
        session.leader = false;
        later(random.nextLong(MILLI), () -> {
            session.leaderReported = true;
            boolean sigkill =
                    status instanceof ExitStatus.Killed(Signal signal, boolean _) && signal.equals(Signal.KILL);
            Boolean oomKilled = random.nextBoolean() ? sigkill : null;
            deliver(new Event.Exited(daemon.name(), status, session.members, oomKilled));
        });
        // by themselves, or by the SIGKILL of the supervisor
        if (random.nextInt(3) != 0) {
            later(
                    random.nextBoolean() ? random.nextLong(3 * MILLI) : random.nextLong(5 * SECOND),
                    () -> membersEnd(daemon, session));
        }
    }

    private void membersEnd(SimulatedDaemon daemon, SimulatedDaemon.Session session) {
        if (session.leader || !session.members) {
            return;
        }
        session.members = false;
        later(random.nextLong(MILLI), () -> {
            if (simulation.watches(daemon.name(), session.pid)) {
                deliver(new Event.SessionEmptied(daemon.name()));
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
