package dev.claudebottle.sidecar.bundle;

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
}
