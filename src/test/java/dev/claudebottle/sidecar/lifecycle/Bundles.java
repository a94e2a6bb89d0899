package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;
import java.util.stream.Stream;

/** Bundles for tests. */
final class Bundles {

    /** The contract's defaults. */
    static final RestartPolicy RESTART = restart("500ms", "30s", "60s", 5, "60s", CrashLoopAction.KEEP_TRYING);

    private Bundles() {}

    /** Policy leave, grace 8s, daemons with default settings. */
    static Bundle bundle(String... names) {
        return bundle(
                FailurePolicy.LEAVE, "8s", Stream.of(names).map(Bundles::daemon).toArray(Daemon[]::new));
    }

    static Bundle bundle(FailurePolicy policy, String grace, Daemon... daemons) {
        return bundle(policy, grace, RESTART, List.of(), daemons);
    }

    /** Policy restart, grace 8s. */
    static Bundle restarting(Daemon... daemons) {
        return bundle(FailurePolicy.RESTART, "8s", daemons);
    }

    /** Policy restart, grace 8s. */
    static Bundle restarting(RestartPolicy rules, Daemon... daemons) {
        return bundle(FailurePolicy.RESTART, "8s", rules, List.of(), daemons);
    }

    static Bundle bundle(
            FailurePolicy policy, String grace, RestartPolicy rules, List<String> forwardHup, Daemon... daemons) {
        return Bundle.builder()
                .failurePolicy(policy)
                .stopGracePeriod(span(grace))
                .restart(rules)
                .forwardHup(forwardHup)
                .daemons(List.of(daemons))
                .build();
    }

    static RestartPolicy restart(
            String initialDelay,
            String maxDelay,
            String resetAfter,
            int deaths,
            String window,
            CrashLoopAction action) {
        return new RestartPolicy(span(initialDelay), span(maxDelay), span(resetAfter), deaths, span(window), action);
    }

    /** The defaults but for the crash loop action. */
    static RestartPolicy onCrashLoop(CrashLoopAction action) {
        return restart("500ms", "30s", "60s", 5, "60s", action);
    }

    static Daemon daemon(String name) {
        return Daemon.of(name, "/bin/" + name);
    }

    static Daemon daemon(String name, Signal stopSignal) {
        return daemon(name).toBuilder().stopSignal(stopSignal).build();
    }

    static Daemon daemon(String name, FailurePolicy policy) {
        return daemon(name).toBuilder().failurePolicy(policy).build();
    }

    /** @param rules the daemon's own */
    static Daemon daemon(String name, RestartPolicy rules) {
        return daemon(name).toBuilder().restart(rules).build();
    }

    /** @param grace the daemon's own */
    static Daemon daemon(String name, String grace) {
        return daemon(name).toBuilder().stopGracePeriod(span(grace)).build();
    }

    static Daemon dependent(Daemon daemon, String... dependsOn) {
        return daemon.toBuilder().dependsOn(List.of(dependsOn)).build();
    }

    /** With a readiness probe whose threshold is one failure. */
    static Daemon probed(String name) {
        return probed(daemon(name));
    }

    static Daemon probed(Daemon daemon) {
        return withReadiness(daemon, 1);
    }

    static Daemon withReadiness(Daemon daemon, int failureThreshold) {
        return daemon.toBuilder().readiness(probe(failureThreshold)).build();
    }

    static Daemon withLiveness(Daemon daemon, int failureThreshold) {
        return daemon.toBuilder().liveness(probe(failureThreshold)).build();
    }

    static Probe probe(int failureThreshold) {
        return new Probe(new Probe.Target.Tcp("127.0.0.1", 9099), span("10s"), span("1s"), failureThreshold);
    }

    static TimeSpan span(String text) {
        return TimeSpan.parse(text).orElseThrow();
    }
}
