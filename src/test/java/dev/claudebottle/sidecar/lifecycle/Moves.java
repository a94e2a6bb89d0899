package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Everything that can happen next in a world. */
final class Moves {

    private final SearchedBundle searched;
    private final World world;
    private final List<Move> moves = new ArrayList<>();

    private Moves(SearchedBundle searched, World world) {
        this.searched = searched;
        this.world = world;
    }

    /** In an order that depends on the state and the environment, not on the time. */
    static List<Move> of(SearchedBundle searched, World world) {
        return new Moves(searched, world).all();
    }

    private List<Move> all() {
        if (world.state().phase() instanceof Phase.Over) {
            return List.of();
        }
        if (!world.begun()) {
            add(new Event.Begin());
        }
        for (int i = 0; i < world.daemons().size(); i++) {
            DaemonStatus status = world.state().daemons().get(i);
            ObservedDaemon observed = world.daemons().get(i);
            processes(i, status, observed);
            for (ProbeKind kind : ProbeKind.values()) {
                probe(kind, status, observed);
            }
            output(status, observed);
            if (searched.may(SearchedBundle.Feature.RESTARTS_ASKED)) {
                add(new Event.RestartRequested(status.name()));
            }
        }
        add(new Event.StopRequested(Signal.TERM));
        if (!searched.bundle().forwardHup().isEmpty()) {
            add(new Event.HangUp());
        }
        time();
        return moves;
    }

    private void processes(int index, DaemonStatus status, ObservedDaemon observed) {
        String name = status.name();
        switch (observed.session().processes()) {
            case NEVER_STARTED, GONE -> {}
            case START_ASKED -> {
                add(new Event.Started(name, 100 + 10 * status.starts() + index));
                add(new Event.StartFailed(name, 127, "/x", "No such file or directory"));
            }
            case ALIVE -> {
                for (ExitStatus end : searched.ends()) {
                    add(new Event.Exited(name, end, false, null));
                    if (searched.may(SearchedBundle.Feature.SESSIONS_LEFT)) {
                        add(new Event.Exited(name, end, true, false));
                    }
                }
            }
            case LEFT -> {
                // nobody asks for the session of a daemon that was given up
                if (status.sessionToWatch().isPresent()) {
                    add(new Event.SessionEmptied(name));
                }
            }
        }
    }

    private void probe(ProbeKind kind, DaemonStatus status, ObservedDaemon observed) {
        if (!has(status.daemon(), kind)) {
            return;
        }
        boolean odd = searched.may(SearchedBundle.Feature.ODD_ANSWERS);
        if (observed.probes().run(kind)) {
            answers(status, kind, status.starts());
            if (odd) {
                add(new Event.NotProbed(status.name(), kind, status.starts(), "Too many open files"));
            }
        } else if (odd && !observed.is(ObservedDaemon.Processes.START_ASKED) && !waitsForReadiness(status)) {
            answers(status, kind, status.starts());
        }
        if (odd) {
            answers(status, kind, status.starts() - 1);
        }
    }

    /** Its liveness has not been probed yet. */
    private boolean waitsForReadiness(DaemonStatus status) {
        return world.running() && status.state() instanceof DaemonState.Starting;
    }

    private void answers(DaemonStatus status, ProbeKind kind, int start) {
        add(new Event.Probed(status.name(), kind, start, Optional.empty()));
        add(new Event.Probed(status.name(), kind, start, Optional.of("refused")));
    }

    private void output(DaemonStatus status, ObservedDaemon observed) {
        if (observed.outputHeld()) {
            add(new Event.OutputReleased(status.name()));
        } else if (searched.may(SearchedBundle.Feature.OUTPUT_HELD) && status.starts() > 0) {
            add(new Event.OutputHeld(status.name()));
        }
    }

    private void time() {
        add(new Event.TimePassed());
        OptionalLong deadline = world.state().deadline();
        boolean passed = deadline.isPresent() && world.reached(deadline.getAsLong());
        if (!passed) {
            moves.add(new Move.Wait());
        }
        if (searched.may(SearchedBundle.Feature.PAUSES) && deadline.isPresent()) {
            long length = Math.max(0, deadline.getAsLong() - world.now()) + 2 * World.TICK;
            moves.add(new Move.Pause(Duration.ofNanos(length)));
        }
    }

    private void add(Event event) {
        moves.add(new Move.Deliver(event));
    }

    static boolean has(Daemon daemon, ProbeKind kind) {
        return switch (kind) {
            case READINESS -> daemon.readiness().isPresent();
            case LIVENESS -> daemon.liveness().isPresent();
        };
    }
}
