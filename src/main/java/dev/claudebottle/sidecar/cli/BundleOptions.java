package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The flags of {@code run} and {@code check}. Settings validates their values, together with the file and the variables. */
final class BundleOptions {

    @Option(
            names = Flags.CONFIG,
            paramLabel = "FILE",
            description = "The bundle file. Variable CLAUDE_BOTTLE_SIDECAR_CONFIG; default: the built-in bundle.")
    private String config;

    @Option(
            names = Flags.DAEMONS,
            paramLabel = "a,b",
            description = "Only these daemons; unknown names are ignored. Variable CLAUDE_BOTTLE_SIDECAR_DAEMONS;"
                    + " default: all.")
    private String daemons;

    @Option(
            names = Flags.FAILURE_POLICY,
            paramLabel = "P",
            completionCandidates = Candidates.FailurePolicies.class,
            description = "What a death does: leave, restart or teardown. Variable"
                    + " CLAUDE_BOTTLE_SIDECAR_FAILURE_POLICY; default: leave.")
    private String failurePolicy;

    @Option(
            names = Flags.GRACE,
            paramLabel = "8s",
            description = "From the stop request to SIGKILL. Variable CLAUDE_BOTTLE_SIDECAR_GRACE; default: 8s.")
    private String grace;

    @Option(
            names = Flags.LOG_FORMAT,
            paramLabel = "F",
            completionCandidates = Candidates.LogFormats.class,
            description = "text or json. Variable CLAUDE_BOTTLE_SIDECAR_LOG_FORMAT; default: text.")
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
