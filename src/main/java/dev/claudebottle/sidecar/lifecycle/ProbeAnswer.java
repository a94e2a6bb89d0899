package dev.claudebottle.sidecar.lifecycle;

import java.time.Instant;
import java.util.Optional;

/**
 * The answer of a probe.
 *
 * @param failure why it failed; empty: it passed
 * @param at when we learnt it
 */
public record ProbeAnswer(Optional<String> failure, Instant at) {}
