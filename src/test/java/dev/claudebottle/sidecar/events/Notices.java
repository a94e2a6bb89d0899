package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.RestartRules;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Effect;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.Moment;
import dev.claudebottle.sidecar.lifecycle.Notice;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Notices as the real lifecycle gives them, of a bundle with one daemon, {@code egress}, that is restarted. */
public final class Notices {

    static final Instant AT = Instant.parse("2026-11-22T15:00:00.123Z");

    private BundleState state;

    public Notices() {
        this(bundle(Optional.empty(), 20));
    }

    Notices(Bundle bundle) {
        state = BundleState.initial(bundle, 1);
    }

    public static Bundle bundle(Optional<URI> notifyUrl, int outputLines) {
        return new Bundle(
                FailurePolicy.RESTART,
                span("8s"),
                new RestartRules(span("500ms"), span("30s"), span("60s"), 5, span("60s"), CrashLoopAction.KEEP_TRYING),
                notifyUrl,
                outputLines,
                LogFormat.TEXT,
                List.of(),
                List.of(Daemon.of("egress", "/bin/egress")));
    }

    /** What this event makes the lifecycle publish. */
    public List<Notice> of(Event event) {
        Lifecycle.Step step = Lifecycle.step(state, event, new Moment(0, AT));
        state = step.state();
        return step.effects().stream()
                .filter(Effect.Publish.class::isInstance)
                .map(effect -> ((Effect.Publish) effect).notice())
                .toList();
    }

    /** The one of this type among those that this event makes the lifecycle publish. */
    Notice of(Notice.Type type, Event event) {
        return of(event).stream()
                .filter(notice -> notice.type() == type)
                .findFirst()
                .orElseThrow();
    }

    /** The same daemon in another story. */
    static Notice as(Notice.Type type, Notice notice) {
        return new Notice(type, notice.at(), notice.daemon(), Optional.empty(), Optional.empty());
    }

    static Notice restarting(Notice notice, Duration delay) {
        return new Notice(
                Notice.Type.DAEMON_RESTARTING, notice.at(), notice.daemon(), Optional.of(delay), Optional.empty());
    }

    static Notice recovered(Notice notice, Duration gap) {
        return new Notice(
                Notice.Type.DAEMON_RECOVERED, notice.at(), notice.daemon(), Optional.empty(), Optional.of(gap));
    }

    private static TimeSpan span(String text) {
        return TimeSpan.parse(text).orElseThrow();
    }
}
