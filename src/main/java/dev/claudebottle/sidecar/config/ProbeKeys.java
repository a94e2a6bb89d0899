package dev.claudebottle.sidecar.config;

import static dev.claudebottle.sidecar.config.Key.always;

import dev.claudebottle.sidecar.bundle.Probe;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The keys of {@code readiness} and {@code liveness}. */
final class ProbeKeys {

    static final Key.Leaf<Probe.Builder, Probe, URI> HTTP = new Key.Leaf<>(
            "http",
            new UrlType("http", "https"),
            "an answer of 200 to 399 passes",
            (probe, url) -> probe.target(new Probe.Target.Http(url, Optional.empty())),
            probe -> target(probe, Probe.Target.Http.class).map(Probe.Target.Http::url));

    /** A probe has exactly one of them. */
    static final List<Key<Probe.Builder, Probe>> TARGETS = List.of(
            new Key.Leaf<>(
                    "tcp",
                    new AddressType(),
                    "a connection that is accepted passes",
                    Probe.Builder::target,
                    probe -> target(probe, Probe.Target.Tcp.class)),
            HTTP,
            new Key.Leaf<>(
                    "exec",
                    new CommandType(),
                    "exit code 0 passes; runs with the daemon's user, environment and directory",
                    (probe, command) -> probe.target(new Probe.Target.Exec(command)),
                    probe -> target(probe, Probe.Target.Exec.class).map(Probe.Target.Exec::command)));

    static final Key.Leaf<Probe.Builder, Probe, URI> PROXY = new Key.Leaf<>(
            "proxy",
            new UrlType("http"),
            "with `http`: the proxy that carries the request",
            Probe.Builder::proxy,
            probe -> target(probe, Probe.Target.Http.class).flatMap(Probe.Target.Http::proxy));

    static final List<Key<Probe.Builder, Probe>> ALL = concat(
            TARGETS,
            List.of(
                    PROXY,
                    always(
                            "period",
                            ScalarType.DURATION_ABOVE_ZERO,
                            "from one check to the next; readiness is checked at once, and more often while the daemon is not ready",
                            Probe.Builder::period,
                            Probe::period),
                    always(
                            "timeout",
                            ScalarType.DURATION_ABOVE_ZERO,
                            "no answer by then is a failure",
                            Probe.Builder::timeout,
                            Probe::timeout),
                    always(
                            "failure_threshold",
                            new WholeNumberType(1, WholeNumberType.HIGHEST),
                            "this many failures in a row count",
                            Probe.Builder::failureThreshold,
                            Probe::failureThreshold)));

    private ProbeKeys() {}

    private static <T extends Probe.Target> Optional<T> target(Probe probe, Class<T> type) {
        return Optional.of(probe.target()).filter(type::isInstance).map(type::cast);
    }

    private static <T> List<T> concat(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
