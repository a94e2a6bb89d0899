package dev.claudebottle.sidecar.events;

/**
 * How the delivery of events to the receiver goes.
 *
 * @param backlog events that wait for it, one that is being sent included
 * @param dropped events that it will never get: too many had to wait, or it refused them; never decreases
 */
public record Delivery(int backlog, long dropped) {}
