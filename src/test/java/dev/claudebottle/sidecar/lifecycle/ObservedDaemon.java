package dev.claudebottle.sidecar.lifecycle;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the environment of an exhaustive search knows about one daemon, from events and effects alone.
 *
 * @param outputHeld as the log says
 */
record ObservedDaemon(Session session, Probes probes, Past past, boolean outputHeld) {

    enum Processes {
        NEVER_STARTED,
        START_ASKED,
        ALIVE,
        /** The first process is dead; other processes of its session are left. */
        LEFT,
        GONE
    }

    /**
     * The processes of the latest start.
     *
     * @param forLiveness they got their stop signal for their failed liveness probe
     * @param restart the operator asked for a restart while they were there
     * @param signalledAt when they got it, monotonic
     * @param killedAt when they got our SIGKILL, monotonic
     */
    record Session(
            Processes processes,
            boolean forLiveness,
            boolean restart,
            OptionalLong signalledAt,
            OptionalLong killedAt) {

        static Session of(Processes processes) {
            return new Session(processes, false, false, OptionalLong.empty(), OptionalLong.empty());
        }

        /** Their end is no death. */
        boolean endsAsPlanned() {
            return restart && !forLiveness;
        }

        boolean exists() {
            return processes == Processes.ALIVE || processes == Processes.LEFT;
        }

        boolean is(Processes other) {
            return processes == other;
        }
    }

    /** Which probes run. */
    record Probes(boolean readiness, boolean liveness) {

        static final Probes NONE = new Probes(false, false);

        boolean run(ProbeKind kind) {
            return switch (kind) {
                case READINESS -> readiness;
                case LIVENESS -> liveness;
            };
        }
    }

    /**
     * All starts together.
     *
     * @param everReady {@code daemon.ready} has been published
     * @param code what the latest end adds to the exit code
     * @param nextStart when a restart that has been announced is due, monotonic
     * @param latest the latest notification
     */
    record Past(boolean everReady, int code, OptionalLong nextStart, Optional<Notification.Type> latest) {}

    static final ObservedDaemon NEW = new ObservedDaemon(
            Session.of(Processes.NEVER_STARTED),
            Probes.NONE,
            new Past(false, 0, OptionalLong.empty(), Optional.empty()),
            false);

    boolean is(Processes processes) {
        return session.is(processes);
    }

    ObservedDaemon in(Processes processes) {
        boolean sameStart = session.exists() && processes == Processes.LEFT;
        return with(
                sameStart
                        ? new Session(
                                processes, session.forLiveness, session.restart, session.signalledAt, session.killedAt)
                        : Session.of(processes));
    }

    ObservedDaemon stopped(boolean forLiveness, long now) {
        return with(new Session(
                session.processes, forLiveness, session.restart, OptionalLong.of(now), OptionalLong.empty()));
    }

    ObservedDaemon restartAsked() {
        return with(new Session(session.processes, session.forLiveness, true, session.signalledAt, session.killedAt));
    }

    /** A second SIGKILL gives no more time. */
    ObservedDaemon killed(long now) {
        OptionalLong first = session.killedAt.isPresent() ? session.killedAt : OptionalLong.of(now);
        return with(new Session(session.processes, session.forLiveness, session.restart, session.signalledAt, first));
    }

    /** Every grace moves by a time in which we did not run. */
    ObservedDaemon later(long pause) {
        return with(new Session(
                session.processes,
                session.forLiveness,
                session.restart,
                ObservedStop.later(session.signalledAt, pause),
                ObservedStop.later(session.killedAt, pause)));
    }

    ObservedDaemon probed(ProbeKind kind) {
        return with(
                switch (kind) {
                    case READINESS -> new Probes(true, probes.liveness);
                    case LIVENESS -> new Probes(probes.readiness, true);
                });
    }

    ObservedDaemon with(Probes changed) {
        return new ObservedDaemon(session, changed, past, outputHeld);
    }

    ObservedDaemon withCode(int code) {
        return with(new Past(past.everReady, code, past.nextStart, past.latest));
    }

    ObservedDaemon withNextStart(OptionalLong at) {
        return with(new Past(past.everReady, past.code, at, past.latest));
    }

    ObservedDaemon published(Notification.Type type) {
        boolean ready = past.everReady || type == Notification.Type.DAEMON_READY;
        return with(new Past(ready, past.code, past.nextStart, Optional.of(type)));
    }

    ObservedDaemon withOutputHeld(boolean held) {
        return new ObservedDaemon(session, probes, past, held);
    }

    ObservedDaemon with(Session changed) {
        return new ObservedDaemon(changed, probes, past, outputHeld);
    }

    ObservedDaemon with(Past changed) {
        return new ObservedDaemon(session, probes, changed, outputHeld);
    }
}
