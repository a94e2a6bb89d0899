package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.bundle.DisplayUrl;
import dev.claudebottle.sidecar.lifecycle.Notification;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * POSTs the events that matter to the operator to a receiver: in order, at least once, until the bundle stops. The receiver
 * may be the daemon that died, so the events wait until it is back. Nothing ends its thread but a stop and the answer 410.
 */
final class Notifier {

    /** The first and the longest wait before a retry, and the timeout of a request. */
    record Timing(Duration firstRetry, Duration longestRetry, Duration timeout) {
        static final Timing STANDARD = new Timing(Duration.ofMillis(250), Duration.ofSeconds(5), Duration.ofSeconds(2));
    }

    private static final Set<Notification.Type> NOTIFIED = EnumSet.of(
            Notification.Type.DAEMON_EXITED,
            Notification.Type.DAEMON_UNREADY,
            Notification.Type.DAEMON_RESTARTING,
            Notification.Type.DAEMON_CRASH_LOOPING,
            Notification.Type.DAEMON_RECOVERED);

    private final long firstRetry;
    private final long longestRetry;
    private final Consumer<String> say;
    private final EventSender sender;
    private final DeliveryQueue queue = new DeliveryQueue();
    private final Thread thread = Thread.ofPlatform().daemon().name("notifier").unstarted(this::run);

    /** The receiver's URL as it may appear in our log. */
    private final String displayUrl;

    private volatile boolean stopped;

    /** Whether the receiver has ended notification; no longer once the bundle stops, whose events nobody is to get. */
    private volatile boolean gone;

    /** In milliseconds. Used by the thread alone, as is {@link #shortageSaid}. */
    private long retry;

    /** Whether the shortage that holds up the first event has been said. */
    private boolean shortageSaid;

    Notifier(URI url, Consumer<String> say) {
        this(url, Timing.STANDARD, say);
    }

    Notifier(URI url, Timing timing, Consumer<String> say) {
        this(url, timing, say, new HttpEventSender(url, timing.timeout()));
    }

    Notifier(URI url, Timing timing, Consumer<String> say, EventSender sender) {
        this.firstRetry = timing.firstRetry().toMillis();
        this.longestRetry = timing.longestRetry().toMillis();
        this.retry = firstRetry;
        this.say = say;
        this.sender = sender;
        this.displayUrl = DisplayUrl.of(url);
    }

    /** Starts the threads, and nothing else. */
    void start() {
        sender.start();
        thread.start();
    }

    /** Queues the event if it is of a type that the operator is notified of. Never blocks. */
    void offer(CloudEvent event) {
        if ((!stopped || gone) && NOTIFIED.contains(event.type())) {
            queue.add(event);
        }
    }

    Delivery delivery() {
        return queue.delivery();
    }

    /** Ends notification and abandons a request that is under way. Never blocks. */
    void stop() {
        stopped = true;
        gone = false;
        sender.stop();
        thread.interrupt();
    }

    private void run() {
        while (!stopped) {
            if (!deliverFirst() && !stopped) {
                pause();
            }
        }
        queue.clear();
    }

    /** Returns whether an event is settled; otherwise it has to be tried again. */
    private boolean deliverFirst() {
        try {
            return deliver(queue.first());
        } catch (Throwable _) {
            // by stop(); or there was no memory even for a line about it
            return false;
        }
    }

    private void pause() {
        try {
            Thread.sleep(retry);
            retry = Math.min(2 * retry, longestRetry);
        } catch (InterruptedException _) {
            // by stop()
        }
    }

    private boolean deliver(CloudEvent event) {
        OptionalInt status;
        try {
            status = sender.post(event);
        } catch (Throwable shortage) {
            sayOnce(shortage);
            return false;
        }
        if (stopped || isTemporary(status)) {
            return false;
        }
        retry = firstRetry;
        shortageSaid = false;
        answered(event, status.getAsInt());
        return true;
    }

    private void sayOnce(Throwable shortage) {
        if (!shortageSaid && !stopped) {
            say.accept("cannot notify " + displayUrl + ": " + Cause.of(shortage) + "; trying again");
            shortageSaid = true;
        }
    }

    /** Handles a final answer: success, the end of notification, or an event that is refused. */
    private void answered(CloudEvent event, int status) {
        if (status / 100 == 2) {
            queue.done(event);
        } else {
            queue.refused(event);
        }
        if (status == 410) {
            queue.refuseAll();
            gone = !stopped;
            stopped = true;
            sender.stop();
            say.accept(displayUrl + " answered 410; it will be notified no more");
        } else if (status / 100 != 2) {
            say.accept("cannot notify " + displayUrl + " of " + CloudEvent.describe(event.type(), event.subject())
                    + ": it answered " + status);
        }
        long dropped = queue.takeDropped();
        if (dropped > 0) {
            say.accept("cannot notify " + displayUrl + " of " + dropped + " events: too many had to wait for it");
        }
    }

    private static boolean isTemporary(OptionalInt status) {
        return status.isEmpty() || Set.of(408, 429).contains(status.getAsInt()) || status.getAsInt() / 100 == 5;
    }
}
