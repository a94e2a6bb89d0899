package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.lifecycle.Notification;
import java.util.Optional;

/**
 * One event, as the event log keeps it and subscribers receive it.
 *
 * @param number counts from 1 at our start
 * @param id unique across restarts of ours
 * @param subject the daemon; empty for an event of the bundle
 * @param json the event as a CloudEvents 1.0 object, in one line
 */
public record CloudEvent(long number, String id, Notification.Type type, Optional<String> subject, String json) {}
