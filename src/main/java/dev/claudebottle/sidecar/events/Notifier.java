package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.lifecycle.Notification;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * POSTs the events that matter to the operator to a receiver: in order, at least once, until the bundle stops. The receiver
 * may be the daemon that died, so the events wait until it is back. The thread starts with the first event.
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

    private final Timing timing;
    private final Consumer<String> say;
    private final EventSender sender;
    private final DeliveryQueue queue = new DeliveryQueue();

    /** The receiver's URL as it may appear in our log. */
    private final String displayUrl;

    private Thread thread;
    private volatile boolean stopped;

    Notifier(URI url, Consumer<String> say) {
        this(url, Timing.STANDARD, say);
    }

    Notifier(URI url, Timing timing, Consumer<String> say) {
        this.timing = timing;
        this.say = say;
        this.sender = new EventSender(url, timing.timeout());
        this.displayUrl = withoutSecrets(url);
    }

    /** Queues the event if it is of a type that the operator is notified of. Never blocks. */
    synchronized void offer(CloudEvent event) {
        if (stopped || !NOTIFIED.contains(event.type())) {
            return;
        }
        queue.add(event);
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("notifier").start(this::run);
        }
    }

    /** Ends notification and abandons a request that is under way. Never blocks. */
    synchronized void stop() {
        stopped = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void run() {
        try (sender) {
            Duration retry = timing.firstRetry();
            while (!stopped) {
                CloudEvent event = queue.first();
                OptionalInt status = sender.post(event);
                if (stopped) {
                    return;
                }
                if (isTemporary(status)) {
                    Thread.sleep(retry);
                    retry = min(retry.multipliedBy(2), timing.longestRetry());
                } else {
                    retry = timing.firstRetry();
                    answered(event, status.getAsInt());
                }
            }
        } catch (InterruptedException _) {
            // by stop()
        }
    }

    /** Handles a final answer: success, the end of notification, or an event that is refused. */
    private void answered(CloudEvent event, int status) {
        queue.done(event);
        if (status == 410) {
            stopped = true;
            say.accept(displayUrl + " answered 410; it will be notified no more");
        } else if (status / 100 != 2) {
            say.accept("cannot notify " + displayUrl + " of " + event.type().word() + " ("
                    + event.subject().orElseThrow() + "): it answered " + status);
        }
        long dropped = queue.takeDropped();
        if (dropped > 0) {
            say.accept("cannot notify " + displayUrl + " of " + dropped + " events: too many had to wait for it");
        }
        if (queue.isEmpty()) {
            sender.close();
        }
    }

    private static boolean isTemporary(OptionalInt status) {
        return status.isEmpty() || Set.of(408, 429).contains(status.getAsInt()) || status.getAsInt() / 100 == 5;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** The URL without user and query, which may contain secrets. */
    private static String withoutSecrets(URI url) {
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        return url.getScheme() + "://" + url.getHost() + port + url.getRawPath();
    }
}
