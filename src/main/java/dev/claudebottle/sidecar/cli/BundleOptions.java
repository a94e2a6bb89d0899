package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The flags that say what to run. Their values are checked together with the file's and the variables'. */
final class BundleOptions {

    @Option(names = "--config", paramLabel = "FILE", description = "The bundle file; without one, the built-in bundle.")
    private String config;

    @Option(names = "--daemons", paramLabel = "a,b", description = "Only these daemons; unknown names are ignored.")
    private String daemons;

    @Option(
            names = "--failure-policy",
            paramLabel = "P",
            description = "What a death does: leave, restart or teardown.")
    private String failurePolicy;

    @Option(names = "--grace", paramLabel = "8s", description = "From the stop request to SIGKILL.")
    private String grace;

    @Option(names = "--log-format", paramLabel = "F", description = "text or json.")
    private String logFormat;

    Flags flags() {
        return new Flags(
                Optional.ofNullable(config),
                Optional.ofNullable(daemons),
                Optional.ofNullable(failurePolicy),
                Optional.ofNullable(grace),
                Optional.ofNullable(logFormat));
    }
}
