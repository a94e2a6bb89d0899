package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.lifecycle.Notification;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * POSTs what the operator has to know to who passes it on: in order, at least once, for as long as we guard. The receiver
 * may be the very daemon that died, so everything waits until it is back. The thread begins with the first event.
 */
final class Notifier {

    /** How patient it is. */
    record Timing(Duration firstRetry, Duration longestRetry, Duration timeout) {
        static final Timing STANDARD = new Timing(Duration.ofMillis(250), Duration.ofSeconds(5), Duration.ofSeconds(2));
    }

    private static final Set<Notification.Type> TOLD = EnumSet.of(
            Notification.Type.DAEMON_EXITED,
            Notification.Type.DAEMON_UNREADY,
            Notification.Type.DAEMON_RESTARTING,
            Notification.Type.DAEMON_CRASH_LOOPING,
            Notification.Type.DAEMON_RECOVERED);

    private final Timing timing;
    private final Consumer<String> say;
    private final EventSender sender;
    private final DeliveryQueue queue = new DeliveryQueue();

    /** The receiver, for our log. */
    private final String shown;

    private Thread thread;
    private volatile boolean over;

    Notifier(URI url, Consumer<String> say) {
        this(url, Timing.STANDARD, say);
    }

    Notifier(URI url, Timing timing, Consumer<String> say) {
        this.timing = timing;
        this.say = say;
        this.sender = new EventSender(url, timing.timeout());
        this.shown = withoutSecrets(url);
    }

    /** Never blocks, and takes only what is to be told. */
    synchronized void offer(CloudEvent event) {
        if (over || !TOLD.contains(event.type())) {
            return;
        }
        queue.add(event);
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("notifier").start(this::run);
        }
    }

    /** From now on nothing more is told; what is under way is abandoned. Never blocks. */
    synchronized void stop() {
        over = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void run() {
        try (sender) {
            Duration retry = timing.firstRetry();
            while (!over) {
                CloudEvent event = queue.first();
                OptionalInt status = sender.post(event);
                if (over) {
                    return;
                }
                if (isTemporary(status)) {
                    Thread.sleep(retry);
                    retry = shorter(retry.multipliedBy(2), timing.longestRetry());
                } else {
                    retry = timing.firstRetry();
                    answered(event, status.getAsInt());
                }
            }
        } catch (InterruptedException _) {
            // stopped
        }
    }

    private void answered(CloudEvent event, int status) {
        queue.done(event);
        if (status == 410) {
            over = true;
            say.accept(shown + " answered 410; it will be notified no more");
        } else if (status / 100 != 2) {
            say.accept("cannot notify " + shown + " of " + event.type().word() + " ("
                    + event.subject().orElseThrow() + "): it answered " + status);
        }
        long dropped = queue.takeDropped();
        if (dropped > 0) {
            say.accept("cannot notify " + shown + " of " + dropped + " events: too many had to wait for it");
        }
        if (queue.isEmpty()) {
            sender.close();
        }
    }

    private static boolean isTemporary(OptionalInt status) {
        return status.isEmpty() || Set.of(408, 429).contains(status.getAsInt()) || status.getAsInt() / 100 == 5;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** A user and a query may hold some. */
    private static String withoutSecrets(URI url) {
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        return url.getScheme() + "://" + url.getHost() + port + url.getRawPath();
    }
}
