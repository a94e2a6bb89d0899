package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The format of a bundle file: all of its keys, a list for each map. Reader, rendering and docs/operating.md follow these lists.
 * A key has a constant of its own where a check across keys needs it.
 */
final class Keys {

    static final ValueKey<RestartPolicy.Builder, RestartPolicy, TimeSpan> INITIAL_DELAY = always(
            "initial_delay",
            ScalarType.DURATION,
            "before the first restart; each further one waits twice as long",
            RestartPolicy.Builder::initialDelay,
            RestartPolicy::initialDelay);

    static final ValueKey<RestartPolicy.Builder, RestartPolicy, TimeSpan> MAX_DELAY = always(
            "max_delay",
            ScalarType.DURATION_ABOVE_ZERO,
            "the longest delay, before 10 % more or less",
            RestartPolicy.Builder::maxDelay,
            RestartPolicy::maxDelay);

    static final List<Key<RestartPolicy.Builder, RestartPolicy>> RESTART = List.of(
            INITIAL_DELAY,
            MAX_DELAY,
            always(
                    "reset_after",
                    ScalarType.DURATION,
                    "a daemon that has been ready for this long gets `initial_delay` again, and its crash loop is over",
                    RestartPolicy.Builder::resetAfter,
                    RestartPolicy::resetAfter),
            always(
                    "crash_loop_deaths",
                    new WholeNumberType(1, WholeNumberType.HIGHEST),
                    "this many deaths within `crash_loop_window` are a crash loop",
                    RestartPolicy.Builder::crashLoopDeaths,
                    RestartPolicy::crashLoopDeaths),
            always(
                    "crash_loop_window",
                    ScalarType.DURATION_ABOVE_ZERO,
                    "the time in which those deaths are counted",
                    RestartPolicy.Builder::crashLoopWindow,
                    RestartPolicy::crashLoopWindow),
            always(
                    "crash_loop_action",
                    ScalarType.words("a crash-loop action", CrashLoopAction.values()),
                    "what a crash loop does: `keep-trying` goes on restarting, the others act as that failure policy",
                    RestartPolicy.Builder::crashLoopAction,
                    RestartPolicy::crashLoopAction));

    static final ValueKey<Probe.Builder, Probe, URI> HTTP = new ValueKey<>(
            "http",
            new UrlType("http", "https"),
            "an answer of 200 to 399 passes",
            (probe, url) -> probe.target(new Probe.Target.Http(url, Optional.empty())),
            probe -> target(probe, Probe.Target.Http.class).map(Probe.Target.Http::url));

    /** A probe has exactly one of them. */
    static final List<Key<Probe.Builder, Probe>> PROBE_TARGETS = List.of(
            new ValueKey<>(
                    "tcp",
                    new AddressType(),
                    "a connection that is accepted passes",
                    Probe.Builder::target,
                    probe -> target(probe, Probe.Target.Tcp.class)),
            HTTP,
            new ValueKey<>(
                    "exec",
                    new CommandType(),
                    "exit code 0 passes; runs with the daemon's user, environment and directory",
                    (probe, command) -> probe.target(new Probe.Target.Exec(command)),
                    probe -> target(probe, Probe.Target.Exec.class).map(Probe.Target.Exec::command)));

    static final ValueKey<Probe.Builder, Probe, URI> PROXY = new ValueKey<>(
            "proxy",
            new UrlType("http"),
            "with `http`: the proxy that carries the request",
            Probe.Builder::proxy,
            probe -> target(probe, Probe.Target.Http.class).flatMap(Probe.Target.Http::proxy));

    static final List<Key<Probe.Builder, Probe>> PROBE = concat(
            PROBE_TARGETS,
            List.of(
                    PROXY,
                    always(
                            "period",
                            ScalarType.DURATION_ABOVE_ZERO,
                            "from one check to the next; the first readiness check comes at once",
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

    static final ValueKey<Daemon.Builder, Daemon, List<String>> COMMAND = always(
            "command",
            new CommandType(),
            "required; taken as written; no shell unless you write one",
            Daemon.Builder::command,
            Daemon::command);

    static final ValueKey<Daemon.Builder, Daemon, TimeSpan> OWN_GRACE = new ValueKey<>(
            "stop_grace_period",
            ScalarType.DURATION,
            "its own, at most the bundle's; counted from its stop signal; by default the bundle's",
            Daemon.Builder::stopGracePeriod,
            Daemon::stopGracePeriod);

    static final ValueKey<Daemon.Builder, Daemon, List<NameListType.Name>> DEPENDS_ON = always(
            "depends_on",
            new NameListType(),
            "its first start waits until each of these has been ready once",
            (daemon, names) -> daemon.dependsOn(NameListType.texts(names)),
            daemon -> NameListType.names(daemon.dependsOn()));

    static final List<Key<Daemon.Builder, Daemon>> DAEMON = List.of(
            COMMAND,
            new ValueKey<>(
                    "environment",
                    new EnvironmentType(),
                    "added to what it inherits; values are taken as written",
                    Daemon.Builder::environment,
                    daemon -> Optional.of(daemon.environment()).filter(variables -> !variables.isEmpty())),
            new ValueKey<>(
                    "inherit_environment",
                    new VariableNamesType(),
                    "it inherits only these variables; by default all",
                    Daemon.Builder::inheritEnvironment,
                    Daemon::inheritEnvironment),
            new ValueKey<>(
                    "working_dir",
                    new DirectoryType(),
                    "by default ours",
                    Daemon.Builder::workingDir,
                    Daemon::workingDir),
            new ValueKey<>(
                    "user",
                    new UserType(),
                    "needs root; sets HOME, USER, LOGNAME and the groups; by default ours",
                    Daemon.Builder::user,
                    Daemon::user),
            always("stop_signal", ScalarType.SIGNAL, "asks it to stop", Daemon.Builder::stopSignal, Daemon::stopSignal),
            OWN_GRACE,
            new ValueKey<>(
                    "failure_policy",
                    ScalarType.FAILURE_POLICY,
                    "its own; by default the bundle's",
                    Daemon.Builder::failurePolicy,
                    Daemon::failurePolicy),
            DEPENDS_ON,
            new ValueKey<>(
                    "readiness",
                    ProbeType.READINESS,
                    "probe: whether it guards now; by default it is ready as soon as it is started",
                    Daemon.Builder::readiness,
                    Daemon::readiness),
            new ValueKey<>(
                    "liveness",
                    ProbeType.LIVENESS,
                    "probe: whether it can still be expected to guard; a failure stops the daemon, and that is a death",
                    Daemon.Builder::liveness,
                    Daemon::liveness));

    static final ValueKey<Bundle.Builder, Bundle, TimeSpan> GRACE = always(
            "stop_grace_period",
            ScalarType.DURATION,
            "from the stop request to SIGKILL",
            Bundle.Builder::stopGracePeriod,
            Bundle::stopGracePeriod);

    static final ValueKey<Bundle.Builder, Bundle, List<NameListType.Name>> FORWARD_HUP = always(
            "forward_hup",
            new NameListType(),
            "these daemons get our SIGHUP",
            (bundle, names) -> bundle.forwardHup(NameListType.texts(names)),
            bundle -> NameListType.names(bundle.forwardHup()));

    static final ValueKey<Bundle.Builder, Bundle, List<Daemon>> DAEMONS = always(
            "daemons",
            new DaemonsType(),
            "required; the order is the start order",
            Bundle.Builder::daemons,
            Bundle::daemons);

    static final List<Key<Bundle.Builder, Bundle>> BUNDLE = List.of(
            always(
                    "failure_policy",
                    ScalarType.FAILURE_POLICY,
                    "what a daemon's death does, unless the daemon has its own policy",
                    Bundle.Builder::failurePolicy,
                    Bundle::failurePolicy),
            GRACE,
            always(
                    "restart",
                    new RestartType(),
                    "how `failure_policy: restart` works",
                    Bundle.Builder::restart,
                    Bundle::restart),
            new SectionKey<>(
                    "notify",
                    "who is notified of deaths and gaps",
                    List.of(new ValueKey<>(
                            "url",
                            new UrlType("http", "https"),
                            "events are POSTed there; by default `http://127.0.0.1:9100/events` when the selected bundle has a"
                                    + " daemon named supervise",
                            (bundle, url) -> bundle.notifyUrl(Optional.of(url)),
                            Bundle::notifyUrl))),
            new SectionKey<>(
                    "events",
                    "what events contain",
                    List.of(always(
                            "output_lines",
                            // All daemons' last lines are in memory, and so are those of a thousand events.
                            new WholeNumberType(0, 1000),
                            "last lines of output in an exit's event; 0 = none",
                            Bundle.Builder::outputLines,
                            Bundle::outputLines))),
            new SectionKey<>(
                    "logs",
                    "how output goes to stdout",
                    List.of(always(
                            "format",
                            ScalarType.LOG_FORMAT,
                            "lines, or one JSON object a line",
                            Bundle.Builder::logFormat,
                            Bundle::logFormat))),
            FORWARD_HUP,
            DAEMONS);

    private Keys() {}

    /** A key whose value the model always has. */
    private static <B, M, V> ValueKey<B, M, V> always(
            String name, ValueType<V> type, String description, BiConsumer<B, V> set, Function<M, V> get) {
        return new ValueKey<>(name, type, description, set, model -> Optional.of(get.apply(model)));
    }

    private static <T extends Probe.Target> Optional<T> target(Probe probe, Class<T> type) {
        return Optional.of(probe.target()).filter(type::isInstance).map(type::cast);
    }

    private static <T> List<T> concat(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
