package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.LastExit;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.logs.LogPump;
import dev.claudebottle.sidecar.logs.OutputTail;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Turns the supervisor's notifications into events and passes them on, in order, to the event log and the notifier. A thread
 * of its own, which starts with the first notification, does everything that takes time.
 */
public final class Publisher {

    /** The longest that an exit's event waits for the last words of its daemon. */
    private static final Duration MAX_TAIL_WAIT = Duration.ofMillis(100);

    private static final OutputTail NO_LINES = _ -> List.of();

    /** The source of a daemon's last lines. */
    @FunctionalInterface
    public interface Output {

        /** Must not block. */
        OutputTail lastLines(String daemon, int count);
    }

    private final int outputLines;
    private final Output output;
    private final Optional<Notifier> notifier;
    private final EventLog log = new EventLog();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("events").factory());

    /** Used by the thread alone. Made late, because the first random UUID takes some milliseconds. */
    private CloudEventFactory factory;

    /** The last pid of each daemon, which its status no longer has after its death. Used by the thread alone. */
    private final Map<String, Integer> pids = new HashMap<>();

    public Publisher(Bundle bundle, LogPump pump) {
        this(bundle, pump::lastLines, pump::say);
    }

    /** @param say writes a line of our own */
    public Publisher(Bundle bundle, Output output, Consumer<String> say) {
        this.outputLines = bundle.outputLines();
        this.output = output;
        this.notifier = bundle.notifyUrl().map(url -> new Notifier(url, say));
    }

    /** Publishes an event. Never blocks. */
    public void publish(Notification notification) {
        if (notification.type() == Notification.Type.BUNDLE_STOPPING) {
            notifier.ifPresent(Notifier::stop);
        }
        // requested here, before the next start of this daemon writes lines
        OutputTail lastLines = lastLines(notification);
        long deadline = System.nanoTime() + MAX_TAIL_WAIT.toNanos();
        try {
            thread.execute(() -> publish(notification, lastLines, deadline));
        } catch (OutOfMemoryError noThread) {
            // a lost or late event is no reason for the supervisor to fail
        }
    }

    public EventLog log() {
        return log;
    }

    private OutputTail lastLines(Notification notification) {
        boolean wanted = notification.type() == Notification.Type.DAEMON_EXITED && outputLines > 0 && ran(notification);
        return wanted ? output.lastLines(notification.daemon().orElseThrow().name(), outputLines) : NO_LINES;
    }

    private void publish(Notification notification, OutputTail lastLines, long deadline) {
        try {
            List<String> lines = lastLines.await(deadline);
            if (factory == null) {
                factory = new CloudEventFactory(UUID.randomUUID(), HostName.get());
            }
            CloudEvent event = factory.next(notification, pid(notification), lines);
            log.add(event);
            notifier.ifPresent(target -> target.offer(event));
        } catch (InterruptedException impossible) {
            throw new AssertionError("internal error: nobody interrupts this thread", impossible);
        }
    }

    /** The daemon's pid; for an exit that of the process that exited. */
    private Integer pid(Notification notification) {
        if (notification.daemon().isEmpty()) {
            return null;
        }
        String daemon = notification.daemon().get().name();
        OptionalInt living = notification.daemon().get().pid();
        if (living.isPresent()) {
            pids.put(daemon, living.getAsInt());
            return living.getAsInt();
        }
        return notification.type() == Notification.Type.DAEMON_EXITED && ran(notification) ? pids.get(daemon) : null;
    }

    /** Whether the daemon ran before this exit, as opposed to a failed start. */
    private static boolean ran(Notification notification) {
        return notification
                .daemon()
                .flatMap(DaemonStatus::lastExit)
                .map(LastExit::error)
                .isEmpty();
    }
}
