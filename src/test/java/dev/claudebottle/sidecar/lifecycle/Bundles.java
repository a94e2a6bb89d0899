package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Bundles for tests. */
final class Bundles {

    private Bundles() {}

    /** Policy leave, grace 8s, daemons with nothing of their own. */
    static Bundle bundle(String... names) {
        return bundle(
                FailurePolicy.LEAVE, "8s", Stream.of(names).map(Bundles::daemon).toArray(Daemon[]::new));
    }

    static Bundle bundle(FailurePolicy policy, String grace, Daemon... daemons) {
        return new Bundle(policy, span(grace), LogFormat.TEXT, List.of(daemons));
    }

    static Daemon daemon(String name) {
        return Daemon.of(name, "/bin/" + name);
    }

    static Daemon daemon(String name, Signal stopSignal) {
        return with(daemon(name), stopSignal, Optional.empty(), Optional.empty());
    }

    static Daemon daemon(String name, FailurePolicy policy) {
        return with(daemon(name), Signal.TERM, Optional.empty(), Optional.of(policy));
    }

    /** @param grace its own */
    static Daemon daemon(String name, String grace) {
        return with(daemon(name), Signal.TERM, Optional.of(span(grace)), Optional.empty());
    }

    static Daemon with(Daemon daemon, Signal stopSignal, Optional<TimeSpan> grace, Optional<FailurePolicy> policy) {
        return new Daemon(
                daemon.name(),
                daemon.command(),
                daemon.environment(),
                daemon.inheritEnvironment(),
                daemon.workingDir(),
                daemon.user(),
                stopSignal,
                grace,
                policy);
    }

    static TimeSpan span(String text) {
        return TimeSpan.parse(text).orElseThrow();
    }
}
