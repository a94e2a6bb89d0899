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
 * Makes events of what the supervisor notices, and passes them on, in order. Everything that takes time is done on a
 * thread of its own, which begins with the first notification.
 */
public final class Publisher {

    /** How long an exit's event may wait for the last words of its daemon. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private static final OutputTail NONE = _ -> List.of();

    /** Where the last lines of a daemon come from. */
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

    // of the thread alone

    /** Made late: random numbers take their time. */
    private CloudEventFactory factory;

    /** The processes that live; of one that died its status no longer tells. */
    private final Map<String, Integer> pids = new HashMap<>();

    public Publisher(Bundle bundle, LogPump pump) {
        this(bundle, pump::lastLines, pump::say);
    }

    /** @param say puts out a line of our own */
    public Publisher(Bundle bundle, Output output, Consumer<String> say) {
        this.outputLines = bundle.outputLines();
        this.output = output;
        this.notifier = bundle.notifyUrl().map(url -> new Notifier(url, say));
    }

    /** Never blocks. */
    public void publish(Notification notification) {
        if (notification.type() == Notification.Type.BUNDLE_STOPPING) {
            notifier.ifPresent(Notifier::stop);
        }
        // asked for now: the next start's lines are others
        OutputTail lastLines = lastLines(notification);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            thread.execute(() -> publish(notification, lastLines, deadline));
        } catch (OutOfMemoryError noThread) {
            // an event less, or a late one, is no reason to leave the guards
        }
    }

    public EventLog log() {
        return log;
    }

    private OutputTail lastLines(Notification notification) {
        boolean wanted = notification.type() == Notification.Type.DAEMON_EXITED && outputLines > 0 && ran(notification);
        return wanted ? output.lastLines(notification.daemon().orElseThrow().name(), outputLines) : NONE;
    }

    private void publish(Notification notification, OutputTail lastLines, long deadline) {
        try {
            List<String> lines = lastLines.await(deadline);
            if (factory == null) {
                factory = new CloudEventFactory(UUID.randomUUID(), HostName.get());
            }
            CloudEvent event = factory.next(notification, pid(notification), lines);
            log.add(event);
            notifier.ifPresent(one -> one.offer(event));
        } catch (InterruptedException impossible) {
            throw new AssertionError("internal error: nobody interrupts this thread", impossible);
        }
    }

    /** For an exit that of the process that exited. */
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

    /** Of an exit: not one of a start that failed. */
    private static boolean ran(Notification notification) {
        return notification
                .daemon()
                .flatMap(DaemonStatus::lastExit)
                .map(LastExit::error)
                .isEmpty();
    }
}
