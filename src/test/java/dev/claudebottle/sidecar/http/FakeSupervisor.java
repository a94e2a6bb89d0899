package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.Moment;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes the place of the real one in all HTTP tests. Began twelve seconds ago, at a UTC time that is always the same.
 */
@Alternative
@Priority(1)
@Singleton
public class FakeSupervisor implements SupervisorView {

    static final String SECRET = "hunter2";
    static final Instant BEGUN = Instant.parse("2026-11-22T15:00:00.123Z");
    private static final Duration AGE = Duration.ofSeconds(12);

    private volatile BundleState state;
    private volatile Moment startedAt;
    private volatile Duration longestWait;
    volatile String askedBy;

    public FakeSupervisor() {
        reset();
    }

    /** Four daemons, the first one being started, supervise with a policy of its own. */
    final void reset() {
        List<Daemon> daemons = List.of(
                daemon("egress", Optional.empty()),
                daemon("pipelock", Optional.empty()),
                daemon("git-gate", Optional.empty()),
                daemon("supervise", Optional.of(FailurePolicy.TEARDOWN)));
        state = BundleState.initial(
                new Bundle(FailurePolicy.LEAVE, TimeSpan.parse("8s").orElseThrow(), LogFormat.TEXT, daemons));
        startedAt = new Moment(System.nanoTime() - AGE.toNanos(), BEGUN);
        longestWait = Duration.ZERO;
        happened(Duration.ZERO, new Event.Begin());
    }

    /** All four run, as the processes 11 to 14, since 0.5 s after the beginning. */
    void allStarted() {
        started("egress", 11);
        started("pipelock", 12);
        started("git-gate", 13);
        started("supervise", 14);
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

    void nothingTakenFor(Duration wait) {
        longestWait = wait;
    }

    private void happened(Duration after, Event event) {
        Moment at = new Moment(startedAt.plus(after), startedAt.utc().plus(after));
        state = Lifecycle.step(state, event, at).state();
    }

    private static Daemon daemon(String name, Optional<FailurePolicy> policy) {
        return new Daemon(
                name,
                List.of("/bin/" + name, "--token=" + SECRET),
                Map.of("TOKEN", SECRET),
                Optional.empty(),
                Optional.of("/" + SECRET),
                Optional.of(SECRET),
                Signal.TERM,
                Optional.empty(),
                policy);
    }

    @Override
    public BundleState state() {
        return state;
    }

    @Override
    public Moment startedAt() {
        return startedAt;
    }

    @Override
    public long orphansReaped() {
        return 3;
    }

    @Override
    public long droppedLines() {
        return 0;
    }

    @Override
    public Duration longestWait() {
        askedBy = Thread.currentThread().getName();
        return longestWait;
    }
}
