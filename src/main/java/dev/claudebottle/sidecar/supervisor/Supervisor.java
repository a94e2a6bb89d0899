package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.events.Delivery;
import dev.claudebottle.sidecar.events.EventLog;
import dev.claudebottle.sidecar.events.Publisher;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.Effect;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.lifecycle.Pause;
import dev.claudebottle.sidecar.lifecycle.Phase;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import dev.claudebottle.sidecar.logs.LogPump;
import dev.claudebottle.sidecar.os.AdoptedProcess;
import dev.claudebottle.sidecar.os.CannotStartException;
import dev.claudebottle.sidecar.os.Children;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.SessionWatch;
import dev.claudebottle.sidecar.os.SignalHandlers;
import dev.claudebottle.sidecar.os.StartException;
import dev.claudebottle.sidecar.probes.Prober;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The thread that carries out what {@link Lifecycle} decides. Other threads put what happened into its queue, and read the
 * state that it publishes.
 */
public final class Supervisor implements SupervisorView {

    private final Bundle bundle;
    private final LogPump pump;
    private final Children children;
    private final AdoptedStop adoptedStop;
    private final Shutdown shutdown;
    private final Prober prober;
    private final Publisher publisher;
    private final OomDetector oomDetector = new OomDetector(this::fault);
    private final EventQueue queue = new EventQueue();
    private final SessionWatch sessionWatch = new SessionWatch();

    private final Leftovers leftovers = new Leftovers();

    /** Daemons that have died since the leftovers were looked at. */
    private final Set<String> dead = new HashSet<>();

    private final SessionSignals sessionSignals;
    private final IgnoredSignals ignoredSignals;

    /** Released once every daemon has been started or could not be. */
    private final CountDownLatch started = new CountDownLatch(1);

    private final Thread thread = new Thread(this::run, "supervisor");
    private final Timestamp startedAt = now();
    private volatile BundleState state;

    /** Null before it is opened, or if it can't be. */
    private volatile ControlSocket control;

    /** Whether a dead daemon's session still has processes, of which an orphan may be the last. */
    private volatile boolean sessionsLeft;

    /** Whether one of these may have become empty since it was checked. */
    private boolean sessionsChanged;

    /**
     * @param stdout the descriptor that lines go to; negative: none
     * @param exit ends this process with the exit code
     */
    public Supervisor(Bundle bundle, Environment environment, int stdout, IntConsumer exit) {
        this.bundle = bundle;
        this.state = BundleState.initial(bundle, startedAt.nanos());
        this.pump = new LogPump(stdout, bundle.logs(), bundle.identity(), this::fault, this::outputHeld);
        this.sessionSignals = new SessionSignals(pump::say);
        this.ignoredSignals = new IgnoredSignals(pump::say);
        this.children = new Children(environment, new ChildEvents());
        this.adoptedStop = new AdoptedStop(children, this::adoptedProcesses, pump::say);
        this.shutdown = new Shutdown(children, pump, exit);
        this.prober = new Prober(children, this::happened, this::fault);
        this.publisher = new Publisher(bundle, pump);
    }

    /** Installs the signal handlers and starts the daemons; returns when each has been started or could not be. */
    public void start() throws InterruptedException {
        try {
            shutdown.createWatchdog();
            pump.start();
            // a signal that has come already is in the queue before Begin, so nothing is started
            SignalHandlers.install(this::signalled, this::fault);
            SignalHandlers.onJvmExit(this::jvmExits);
            publisher.start();
            children.startReaping();
            oomDetector.start(() -> queue.put(new Message.OomKill()));
            prober.prepare(bundle.daemons());
            happened(new Event.Begin());
            thread.start();
        } catch (OutOfMemoryError noThread) {
            fault(new StartException(
                    "cannot start a thread: " + noThread.getMessage() + "; raise the limits on processes and memory"));
        } catch (Throwable fault) {
            fault(fault);
        }
        started.await();
    }

    /**
     * Lets the operator ask for restarts, on a Unix socket that a thread of its own serves.
     *
     * @param unavailable is told the cause if the socket can't be made, or is served no longer; guards and stop do without it
     */
    public void serveRestarts(String path, Consumer<String> unavailable) {
        Thread.ofPlatform().name("control").daemon().start(() -> {
            try {
                control = new ControlSocket(path, this::state, request -> queue.put(new Message.Restart(request)));
                control.serve();
            } catch (IOException cannot) {
                unavailable.accept(cannot.getMessage());
            } catch (Throwable fault) {
                unavailable.accept(fault.toString());
            }
        });
    }

    @Override
    public int awaitEnd() throws InterruptedException {
        thread.join();
        return shutdown.exitCode();
    }

    /** Writes a line of our own. */
    public void say(OwnLine line) {
        pump.say(line);
    }

    @Override
    public BundleState state() {
        return state;
    }

    @Override
    public Timestamp startedAt() {
        return startedAt;
    }

    @Override
    public long orphansReaped() {
        return children.orphansReaped();
    }

    @Override
    public int adopted() {
        return adoptedProcesses().size();
    }

    @Override
    public long droppedLines() {
        return pump.droppedLines();
    }

    @Override
    public long logLines(String daemon) {
        return pump.totals(daemon).lines();
    }

    @Override
    public long logBytes(String daemon) {
        return pump.totals(daemon).bytes();
    }

    @Override
    public EventLog events() {
        return publisher.log();
    }

    @Override
    public Optional<Delivery> delivery() {
        return publisher.delivery();
    }

    @Override
    public Duration longestWait() {
        if (state.phase() instanceof Phase.Over) {
            // nobody reads the queue any more, and our end has its bounds
            return Duration.ZERO;
        }
        queue.ping();
        return queue.longestWait();
    }

    private void run() {
        try {
            while (!(state.phase() instanceof Phase.Over)) {
                if (queue.isEmpty() && started.getCount() > 0) {
                    oomDetector.begin();
                    started.countDown();
                    WarmUp.of(bundle, startedAt);
                    sessionWatch.prepare();
                }
                handle(next());
                // one check for many orphans that die at once
                if (sessionsLeft && sessionsChanged && queue.isEmpty()) {
                    checkSessionsLeft();
                }
                if (!dead.isEmpty() && queue.isEmpty()) {
                    checkLeftovers();
                }
            }
        } catch (Throwable fault) {
            fault(fault);
        }
    }

    /** The next message; null when the deadline has passed. */
    private Message next() throws InterruptedException {
        OptionalLong deadline = state.deadline();
        long began = System.nanoTime();
        Message message = queue.take(deadline);
        long now = System.nanoTime();
        if (deadline.isPresent() && Pause.isShownBy(Math.max(deadline.getAsLong(), began), now)) {
            step(new Event.Resumed(Duration.ofNanos(now - began)));
        }
        return message;
    }

    private void handle(Message message) throws InterruptedException {
        switch (message) {
            case null -> {
                step(new Event.TimePassed());
                // an orphan's parent may have reaped it unseen
                sessionsChanged = true;
            }
            case Message.Happened(Event event) -> step(event);
            case Message.Died(String daemon, int pid, ExitStatus status, long diedAt) -> {
                pump.died(daemon);
                boolean restarts = restarts(state, daemon);
                step(new Event.Exited(
                        daemon,
                        status,
                        sessionWatch.isLeft(pid, diedAt),
                        oomDetector.wasKilled(state, state.daemon(daemon), pid, status)));
                // an orphan that died before this step was not reported
                sessionsChanged = true;
                if (restarts && state.phase() instanceof Phase.Running) {
                    dead.add(daemon);
                }
            }
            case Message.Restart(RestartRequest request) -> {
                if (request.accept(state)) {
                    step(new Event.RestartRequested(request.daemon()));
                } else {
                    announceState();
                }
            }
            case Message.OomKill _ -> oomDetector.account(state);
            case Message.OrphanReaped _ -> sessionsChanged = true;
            case Message.Ping _ -> {}
        }
    }

    private void step(Event event) throws InterruptedException {
        Lifecycle.Step step = Lifecycle.step(state, event, now());
        state = step.state();
        sessionsLeft = state.watchesSessions();
        for (Effect effect : step.effects()) {
            carryOut(effect);
        }
        sessionSignals.endOfStep();
        announceState();
    }

    private void announceState() {
        ControlSocket socket = control;
        if (socket != null) {
            socket.stateChanged();
        }
    }

    private void carryOut(Effect effect) throws InterruptedException {
        switch (effect) {
            case Effect.Say(OwnLine line) -> pump.say(line);
            case Effect.SayAfterLastWords(String daemon, OwnLine line) -> pump.sayAfterLastWords(daemon, line);
            case Effect.Start(String daemon) -> start(state.daemon(daemon));
            case Effect.SignalSession(String daemon, Signal signal) ->
                sessionSignals.send(state.daemon(daemon), signal);
            case Effect.StartProbe(String daemon, ProbeKind kind, int start) ->
                prober.start(state.daemon(daemon).daemon(), kind, start);
            case Effect.StopProbes(String daemon) -> prober.stop(daemon);
            case Effect.Publish(Notification notification) -> publisher.publish(notification);
            case Effect.Leave(int exitCode) -> leave(exitCode);
        }
    }

    private void leave(int exitCode) throws InterruptedException {
        ControlSocket socket = control;
        if (socket != null) {
            socket.removeFile();
        }
        TimeSpan grace = bundle.stopGracePeriod();
        long length = grace.duration().toNanos();
        // a fault meanwhile ends us as at any other time
        long graceEnd = state.phase() instanceof Phase.Over(OptionalLong stopSince) && stopSince.isPresent()
                ? adoptedStop.stop(stopSince.getAsLong() + length, grace.text())
                : System.nanoTime() + length;
        shutdown.exit(graceEnd, exitCode);
    }

    private void start(DaemonStatus daemon) {
        try {
            children.start(daemon.daemon());
        } catch (CannotStartException cannot) {
            happened(new Event.StartFailed(daemon.name(), cannot.code(), cannot.subject(), cannot.error()));
        }
    }

    /** Finds out which sessions of dead daemons have become empty; their last process may not be a child of ours. */
    private void checkSessionsLeft() throws InterruptedException {
        sessionsChanged = false;
        long now = System.nanoTime();
        for (DaemonStatus daemon : state.daemons()) {
            OptionalInt session = daemon.sessionToWatch();
            if (session.isPresent() && !sessionWatch.isLeft(session.getAsInt(), now)) {
                step(new Event.SessionEmptied(daemon.name()));
            }
        }
    }

    private void checkLeftovers() {
        leftovers.afterDeaths(Set.copyOf(dead), adoptedProcesses()).ifPresent(pump::say);
        dead.clear();
    }

    private List<AdoptedProcess> adoptedProcesses() {
        return AdoptedProcess.find(this::sessions);
    }

    /** Of daemons and probes, from any thread. */
    private Set<Integer> sessions() {
        Set<Integer> sessions = children.sessions();
        for (DaemonStatus daemon : state.daemons()) {
            daemon.session().ifPresent(sessions::add);
        }
        return sessions;
    }

    /** Whether the end of this daemon leads to a restart. */
    private boolean restarts(BundleState state, String daemon) {
        DaemonStatus status = state.daemon(daemon);
        return state.phase() instanceof Phase.Running
                && (status.restartsWhenDown() || bundle.failurePolicyOf(status.daemon()) == FailurePolicy.RESTART);
    }

    private void signalled(Signal signal) {
        if (signal.equals(Signal.TERM) || signal.equals(Signal.INT)) {
            adoptedStop.signalled(signal);
            shutdown.armWatchdog(bundle.stopGracePeriod().duration());
            happened(new Event.StopRequested(signal));
        } else if (signal.equals(Signal.HUP) && forwardsHup()) {
            happened(new Event.HangUp());
        } else {
            ignoredSignals.came(signal);
        }
    }

    private boolean forwardsHup() {
        return bundle.daemons().stream().anyMatch(daemon -> bundle.forwardHup().contains(daemon.name()));
    }

    /** The JVM exits although we have not told it to: its own handler has got a TERM or INT. */
    private void jvmExits() {
        if (!shutdown.hasBegun()) {
            signalled(Signal.TERM);
            shutdown.awaitExit(bundle.stopGracePeriod().duration());
        }
    }

    private void outputHeld(String daemon, boolean held) {
        happened(held ? new Event.OutputHeld(daemon) : new Event.OutputReleased(daemon));
    }

    private void happened(Event event) {
        queue.put(new Message.Happened(event));
    }

    private void fault(Throwable fault) {
        shutdown.exitAfterFault(fault);
    }

    private static Timestamp now() {
        return new Timestamp(System.nanoTime(), Instant.now());
    }

    /** Called by the waiter, and by the supervisor's own thread during a start. */
    private final class ChildEvents implements Children.Listener {

        /** When {@link #killsSessionOf} was called, which scans for a restart; for the waiter. */
        private long diedAt;

        @Override
        public void started(String daemon, int pid, int output) {
            pump.attach(daemon, output);
            happened(new Event.Started(daemon, pid));
        }

        @Override
        public void exited(String daemon, int pid, ExitStatus status) {
            queue.put(new Message.Died(daemon, pid, status, diedAt));
        }

        @Override
        public void orphanReaped() {
            if (sessionsLeft) {
                queue.put(new Message.OrphanReaped());
            }
        }

        @Override
        public boolean killsSessionOf(String daemon) {
            diedAt = System.nanoTime();
            BundleState latest = state;
            // in a restart that was asked for, the session has its grace
            return restarts(latest, daemon) && !latest.daemon(daemon).restartsWhenDown();
        }

        @Override
        public void failed(Throwable fault) {
            fault(fault);
        }
    }
}
