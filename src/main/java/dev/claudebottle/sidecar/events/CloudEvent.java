package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.lifecycle.Notification;
import java.util.Optional;

/**
 * One event, as the event log keeps it and subscribers receive it.
 *
 * @param number counts from 1 at our start
 * @param id unique across restarts of ours
 * @param subject the daemon; empty for an event of the bundle
 * @param utf8 the event as a CloudEvents 1.0 object, in one line; not to be changed
 */
public record CloudEvent(long number, String id, Notification.Type type, Optional<String> subject, byte[] utf8) {

    public String json() {
        return new String(utf8, UTF_8);
    }

    /** The bytes that it takes in a bounded store. */
    int size() {
        return utf8.length;
    }

    /** What our log calls it, as in {@code daemon.exited (egress)}. */
    static String describe(Notification.Type type, Optional<String> subject) {
        return type.word() + subject.map(daemon -> " (" + daemon + ")").orElse("");
    }
}
