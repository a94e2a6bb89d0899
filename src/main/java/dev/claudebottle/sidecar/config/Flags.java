package dev.claudebottle.sidecar.config;

import java.util.Optional;

/**
 * The command line's part of the configuration, as typed. Empty: not given.
 *
 * @param config {@code --config}
 * @param daemons {@code --daemons}
 * @param failurePolicy {@code --failure-policy}
 * @param grace {@code --grace}
 * @param logFormat {@code --log-format}
 */
public record Flags(
        Optional<String> config,
        Optional<String> daemons,
        Optional<String> failurePolicy,
        Optional<String> grace,
        Optional<String> logFormat) {

    public static final Flags NONE =
            new Flags(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** These, and what they don't say from {@code weaker}. */
    public Flags or(Flags weaker) {
        return new Flags(
                config.or(weaker::config),
                daemons.or(weaker::daemons),
                failurePolicy.or(weaker::failurePolicy),
                grace.or(weaker::grace),
                logFormat.or(weaker::logFormat));
    }
}
