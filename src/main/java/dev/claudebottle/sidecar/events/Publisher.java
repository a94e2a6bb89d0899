package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.LastExit;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.logs.LogPump;
import dev.claudebottle.sidecar.logs.OutputTail;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Turns the supervisor's notifications into events and passes them on, in order, to the event log and the notifiers. A thread
 * of its own does everything that takes time. Nothing ends it: an event that can't be made is lost, and the next one isn't.
 */
public final class Publisher {

    /** The longest that an exit's event waits for the last words of its daemon. */
    private static final Duration MAX_TAIL_WAIT = Duration.ofMillis(100);

    /** The source of a daemon's last lines. */
    @FunctionalInterface
    public interface Output {

        /** Must not block. */
        OutputTail lastLines(String daemon, int count);
    }

    private final int outputLines;
    private final Output output;
    private final Consumer<String> say;

    /** One a receiver, so that none waits for another. Each has the same events, and so no copies of them. */
    private final List<Notifier> notifiers;

    private final EventLog log = new EventLog();
    private final EventMaker maker;
    private final NotificationQueue queue = new NotificationQueue();
    private final Thread thread = Thread.ofPlatform().daemon().name("events").unstarted(this::run);

    /** The last pid of each daemon, which its status no longer has after its death. Used by the publishing thread alone. */
    private final Map<String, Integer> pids = new HashMap<>();

    public Publisher(Bundle bundle, LogPump pump) {
        this(bundle, pump::lastLines, trouble -> pump.say(OwnLine.warning(trouble)));
    }

    /** @param say writes a warning of ours */
    public Publisher(Bundle bundle, Output output, Consumer<String> say) {
        this.outputLines = bundle.outputLines();
        this.output = output;
        this.say = say;
        this.maker = new EventMaker(bundle.identity(), say);
        this.notifiers =
                bundle.notifyUrls().stream().map(url -> new Notifier(url, say)).toList();
    }

    /** Starts the threads, while threads can still be created, and nothing else. */
    public void start() {
        notifiers.forEach(Notifier::start);
        thread.start();
    }

    /** Publishes an event. Never blocks. Used by one thread. */
    public void publish(Notification notification) {
        if (notification.type() == Notification.Type.BUNDLE_STOPPING) {
            notifiers.forEach(Notifier::stop);
        }
        // requested here, before the next start of this daemon writes lines
        OutputTail lastLines = lastLines(notification);
        long deadline = System.nanoTime() + MAX_TAIL_WAIT.toNanos();
        queue.add(new NotificationQueue.Entry(notification, pid(notification), lastLines, deadline));
    }

    public EventLog log() {
        return log;
    }

    /** Empty when events are delivered to nobody. */
    public Optional<Delivery> delivery() {
        return notifiers.stream().map(Notifier::delivery).reduce(Delivery::together);
    }

    /** Null when the event has no output. */
    private OutputTail lastLines(Notification notification) {
        boolean wanted = notification.type() == Notification.Type.DAEMON_EXITED && outputLines > 0 && ran(notification);
        return wanted && queue.hasRoomForTail()
                ? output.lastLines(notification.daemon().orElseThrow().name(), outputLines)
                : null;
    }

    private void run() {
        while (true) {
            try {
                publishNext();
            } catch (Throwable _) {
                // a listener failed, which reads this event together with the next one; or there is no memory for a
                // line
            }
        }
    }

    private void publishNext() throws InterruptedException {
        NotificationQueue.Entry next = queue.take();
        Optional<CloudEvent> event = maker.add(log, next);
        if (event.isPresent()) {
            // first, so that a listener that fails does not keep the event from them
            notifiers.forEach(notifier -> notifier.offer(event.get()));
            log.announce();
        }
        long dropped = queue.takeDropped();
        if (dropped > 0) {
            say.accept("cannot publish " + dropped + " events: too many had to wait");
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
