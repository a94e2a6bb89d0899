package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Effect;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Makes notifications by the real lifecycle, for a bundle with one daemon, {@code egress}, and the policy restart. */
public final class Notifications {

    static final Instant AT = Instant.parse("2026-11-22T15:00:00.123Z");

    private BundleState state;

    public Notifications() {
        this(bundle(List.of(), 20));
    }

    Notifications(Bundle bundle) {
        state = BundleState.initial(bundle, 1);
    }

    public static Bundle bundle(List<URI> notifyUrls, int outputLines) {
        return Bundle.builder()
                .failurePolicy(FailurePolicy.RESTART)
                .notifyUrls(notifyUrls)
                .outputLines(outputLines)
                .daemons(List.of(Daemon.of("egress", "/bin/egress")))
                .build();
    }

    /** The notifications that the lifecycle publishes for this event. */
    public List<Notification> of(Event event) {
        Lifecycle.Step step = Lifecycle.step(state, event, new Timestamp(0, AT));
        state = step.state();
        return step.effects().stream()
                .filter(Effect.Publish.class::isInstance)
                .map(effect -> ((Effect.Publish) effect).notification())
                .toList();
    }

    /** The one of this type among them. */
    Notification of(Notification.Type type, Event event) {
        return of(event).stream()
                .filter(notification -> notification.type() == type)
                .findFirst()
                .orElseThrow();
    }

    /** A notification of another type about the same daemon. */
    static Notification as(Notification.Type type, Notification notification) {
        return new Notification(
                type, notification.at(), notification.daemon(), Optional.empty(), Optional.empty(), false);
    }

    static Notification restarting(Notification notification, Duration delay) {
        return new Notification(
                Notification.Type.DAEMON_RESTARTING,
                notification.at(),
                notification.daemon(),
                Optional.of(delay),
                Optional.empty(),
                false);
    }

    static Notification recovered(Notification notification, Duration gap) {
        return new Notification(
                Notification.Type.DAEMON_RECOVERED,
                notification.at(),
                notification.daemon(),
                Optional.empty(),
                Optional.of(gap),
                false);
    }
}
