package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Makes events and adds them to the log. When that fails, the event comes without output, or not at all. Used by one thread. */
final class EventMaker {

    private final Identity identity;
    private final Consumer<String> say;

    /** Made late, because the first random UUID takes some milliseconds. */
    private CloudEventFactory factory;

    /** Whether the failure that events suffer from has been said. */
    private boolean failureSaid;

    EventMaker(Identity identity, Consumer<String> say) {
        this.identity = identity;
        this.say = say;
    }

    /** Empty when the event is lost. */
    Optional<CloudEvent> add(EventLog log, NotificationQueue.Entry entry) {
        try {
            List<String> lines =
                    entry.lastLines() == null ? List.of() : entry.lastLines().await(entry.deadline());
            CloudEvent event = add(log, entry, lines);
            failureSaid = false;
            return Optional.of(event);
        } catch (Throwable failure) {
            return addWithoutOutput(log, entry, failure);
        }
    }

    private Optional<CloudEvent> addWithoutOutput(EventLog log, NotificationQueue.Entry entry, Throwable failure) {
        if (entry.lastLines() == null) {
            sayOnce("cannot publish ", entry, failure);
            return Optional.empty();
        }
        try {
            CloudEvent event = add(log, entry, List.of());
            sayOnce("cannot add output to ", entry, failure);
            return Optional.of(event);
        } catch (Throwable again) {
            sayOnce("cannot publish ", entry, again);
            return Optional.empty();
        }
    }

    private CloudEvent add(EventLog log, NotificationQueue.Entry entry, List<String> lines) {
        if (factory == null) {
            factory = new CloudEventFactory(UUID.randomUUID(), EventSource.of(identity, HostName.get()));
        }
        return log.add(number -> factory.make(number, entry.notification(), entry.pid(), lines));
    }

    private void sayOnce(String what, NotificationQueue.Entry entry, Throwable failure) {
        if (failureSaid) {
            return;
        }
        try {
            say.accept(what
                    + CloudEvent.describe(
                            entry.notification().type(),
                            entry.notification().daemon().map(DaemonStatus::name))
                    + ": " + Cause.of(failure));
            failureSaid = true;
        } catch (Throwable _) {
            // no memory for a line: the next failure is said
        }
    }
}
