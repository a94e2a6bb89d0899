package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.lifecycle.Notification;
import java.util.Optional;

/**
 * One event, as everybody gets it.
 *
 * @param number 1 for the first of this boot
 * @param id unique beyond this boot
 * @param subject the daemon; empty: it is about the bundle
 * @param json a CloudEvents 1.0 object, in one line
 */
public record CloudEvent(long number, String id, Notification.Type type, Optional<String> subject, String json) {}
