package dev.claudebottle.sidecar.events;

/**
 * How the delivery of events to a receiver goes, or to several.
 *
 * @param backlog events that wait for it, one that is being sent included; of several the longest
 * @param dropped events that it will never get: too many had to wait, or it refused them; of several the sum; never decreases
 */
public record Delivery(int backlog, long dropped) {

    Delivery together(Delivery other) {
        return new Delivery(Math.max(backlog, other.backlog), dropped + other.dropped);
    }
}
