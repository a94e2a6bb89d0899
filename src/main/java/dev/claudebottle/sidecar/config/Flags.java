package dev.claudebottle.sidecar.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command line's part of the configuration, as typed. Empty: not given.
 *
 * @param config {@link #CONFIG}
 * @param daemons {@link #DAEMONS}
 * @param failurePolicy {@link #FAILURE_POLICY}
 * @param grace {@link #GRACE}
 * @param logFormat {@link #LOG_FORMAT}
 */
public record Flags(
        Optional<String> config,
        Optional<String> daemons,
        Optional<String> failurePolicy,
        Optional<String> grace,
        Optional<String> logFormat) {

    public static final String CONFIG = "--config";
    public static final String DAEMONS = "--daemons";
    public static final String FAILURE_POLICY = "--failure-policy";
    public static final String GRACE = "--grace";
    public static final String LOG_FORMAT = "--log-format";

    public static final List<String> NAMES = List.of(CONFIG, DAEMONS, FAILURE_POLICY, GRACE, LOG_FORMAT);

    public static final Flags NONE = of(Map.of());

    /** @param values by the names of the flags; missing or null: not given */
    public static Flags of(Map<String, String> values) {
        return new Flags(
                Optional.ofNullable(values.get(CONFIG)),
                Optional.ofNullable(values.get(DAEMONS)),
                Optional.ofNullable(values.get(FAILURE_POLICY)),
                Optional.ofNullable(values.get(GRACE)),
                Optional.ofNullable(values.get(LOG_FORMAT)));
    }

    /** These flags; where one is not given, that of {@code weaker}. */
    public Flags or(Flags weaker) {
        return new Flags(
                config.or(weaker::config),
                daemons.or(weaker::daemons),
                failurePolicy.or(weaker::failurePolicy),
                grace.or(weaker::grace),
                logFormat.or(weaker::logFormat));
    }
}
