package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.events.Delivery;
import dev.claudebottle.sidecar.events.EventLog;
import dev.claudebottle.sidecar.events.Publisher;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Effect;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The supervisor of all HTTP tests. It began twelve seconds ago, at a UTC time that is always the same. */
@Alternative
@Priority(1)
@Singleton
public class FakeSupervisor implements SupervisorView {

    static final String SECRET = "hunter2";
    static final Instant BEGUN = Instant.parse("2026-11-22T15:00:00.123Z");
    private static final Duration AGE = Duration.ofSeconds(12);

    /** One for all tests: the routes get its log once. */
    private final Publisher publisher =
            new Publisher(BuiltInBundle.get(), (_, _) -> _ -> List.of("last words"), line -> {});

    private volatile BundleState state;
    private volatile Timestamp startedAt;
    private volatile Duration longestWait;
    volatile String longestWaitCaller;
    volatile Optional<Delivery> delivery;

    public FakeSupervisor() {
        publisher.start();
        reset();
    }

    /**
     * Four daemons, the first one being started; git-gate is probed and restarted, supervise has a policy of its own
     * too.
     */
    final void reset() {
        Optional<Probe> probe =
                Optional.of(new Probe(new Probe.Target.Tcp("127.0.0.1", 9418), span("10s"), span("1s"), 1));
        state = BundleState.initial(
                BuiltInBundle.get().toBuilder()
                        .identity(new Identity(Optional.of("b-17"), Optional.of("fleet"), Optional.empty()))
                        .daemons(List.of(
                                daemon("egress", Optional.empty(), Optional.empty()),
                                daemon("pipelock", Optional.empty(), Optional.empty()),
                                daemon("git-gate", Optional.of(FailurePolicy.RESTART), probe),
                                daemon("supervise", Optional.of(FailurePolicy.TEARDOWN), Optional.empty())))
                        .build(),
                1);
        startedAt = new Timestamp(System.nanoTime() - AGE.toNanos(), BEGUN);
        longestWait = Duration.ZERO;
        delivery = Optional.of(new Delivery(7, 4));
        happened(Duration.ZERO, new Event.Begin());
    }

    /** All four run as processes 11 to 14, started 0.5 s after the beginning. */
    void allStarted() {
        started("egress", 11);
        started("pipelock", 12);
        started("git-gate", 13);
        probed("git-gate", ProbeKind.READINESS, Optional.empty());
        started("supervise", 14);
    }

    /** 0.5 s after the beginning. */
    void probed(String daemon, ProbeKind kind, Optional<String> failure) {
        happened(
                Duration.ofMillis(500),
                new Event.Probed(daemon, kind, state.daemon(daemon).starts(), failure));
    }

    /** It dies five times in nine seconds, each time as soon as it has been started. */
    void crashLoop(String daemon) {
        exitedAt(Duration.ofMillis(500), daemon);
        for (int death = 2; death <= 5; death++) {
            exitedAt(startedAgain(daemon), daemon);
        }
    }

    /** As process 15, when it is due; returns how long after the beginning that is. */
    Duration startedAgain(String daemon) {
        Duration due =
                Duration.between(BEGUN, state.daemon(daemon).nextStartAt().orElseThrow());
        happened(due, new Event.TimePassed());
        happened(due, new Event.Started(daemon, 15));
        return due;
    }

    private void exitedAt(Duration after, String daemon) {
        happened(after, new Event.Exited(daemon, new ExitStatus.Code(1), false, null));
    }

    void started(String daemon, int pid) {
        happened(Duration.ofMillis(500), new Event.Started(daemon, pid));
    }

    /** 10 s after the beginning. */
    void exited(String daemon, int code) {
        happened(new Event.Exited(daemon, new ExitStatus.Code(code), false, null));
    }

    /** 10 s after the beginning. */
    void killed(String daemon, Signal signal, Boolean oomKilled) {
        happened(new Event.Exited(daemon, new ExitStatus.Killed(signal, false), false, oomKilled));
    }

    /** 10 s after the beginning. */
    void happened(Event event) {
        happened(Duration.ofSeconds(10), event);
    }

    void longestWait(Duration wait) {
        longestWait = wait;
    }

    private void happened(Duration after, Event event) {
        Timestamp at = new Timestamp(startedAt.plus(after), startedAt.utc().plus(after));
        Lifecycle.Step step = Lifecycle.step(state, event, at);
        state = step.state();
        for (Effect effect : step.effects()) {
            if (effect instanceof Effect.Publish(Notification notification)) {
                publisher.publish(notification);
            }
        }
    }

    private static Daemon daemon(String name, Optional<FailurePolicy> policy, Optional<Probe> probe) {
        Daemon.Builder daemon = Daemon.builder(name, "/bin/" + name, "--token=" + SECRET)
                .environment(Map.of("TOKEN", SECRET))
                .workingDir("/" + SECRET)
                .user(SECRET);
        policy.ifPresent(daemon::failurePolicy);
        probe.ifPresent(daemon::readiness);
        probe.ifPresent(daemon::liveness);
        return daemon.build();
    }

    private static TimeSpan span(String text) {
        return TimeSpan.parse(text).orElseThrow();
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
        return 3;
    }

    @Override
    public int adopted() {
        return 5;
    }

    @Override
    public long droppedLines() {
        return 2;
    }

    @Override
    public long logLines(String daemon) {
        return daemon.length();
    }

    @Override
    public long logBytes(String daemon) {
        return 100L * daemon.length();
    }

    @Override
    public EventLog events() {
        return publisher.log();
    }

    @Override
    public Optional<Delivery> delivery() {
        return delivery;
    }

    @Override
    public Duration longestWait() {
        longestWaitCaller = Thread.currentThread().getName();
        return longestWait;
    }

    @Override
    public int awaitEnd() {
        throw new UnsupportedOperationException("it never ends");
    }
}
