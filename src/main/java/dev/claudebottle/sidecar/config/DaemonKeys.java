package dev.claudebottle.sidecar.config;

import static dev.claudebottle.sidecar.config.Key.always;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;
import java.util.Optional;

/** The keys of one daemon. */
final class DaemonKeys {

    static final Key.Leaf<Daemon.Builder, Daemon, List<String>> COMMAND = always(
            "command",
            new CommandType(),
            "required; taken as written; no shell unless you write one",
            Daemon.Builder::command,
            Daemon::command);

    static final Key.Leaf<Daemon.Builder, Daemon, TimeSpan> OWN_GRACE = new Key.Leaf<>(
            "stop_grace_period",
            ScalarType.DURATION,
            "its own, at most the bundle's; counted from its stop signal; by default the bundle's",
            Daemon.Builder::stopGracePeriod,
            Daemon::stopGracePeriod);

    static final Key.Leaf<Daemon.Builder, Daemon, RestartPolicy> RESTART = new Key.Leaf<>(
            "restart",
            new RestartType(),
            "its own rules: single keys in place of the bundle's",
            Daemon.Builder::restart,
            Daemon::restart);

    static final Key.Leaf<Daemon.Builder, Daemon, List<NameListType.Name>> DEPENDS_ON = always(
            "depends_on",
            new NameListType(),
            "its first start waits until each of these has been ready once",
            (daemon, names) -> daemon.dependsOn(NameListType.texts(names)),
            daemon -> NameListType.names(daemon.dependsOn()));

    static final List<Key<Daemon.Builder, Daemon>> ALL = List.of(
            COMMAND,
            new Key.Leaf<>(
                    "environment",
                    new EnvironmentType(),
                    "added to what it inherits; values are taken as written",
                    Daemon.Builder::environment,
                    daemon -> Optional.of(daemon.environment()).filter(variables -> !variables.isEmpty())),
            new Key.Leaf<>(
                    "inherit_environment",
                    new VariableNamesType(),
                    "it inherits only these variables; by default all",
                    Daemon.Builder::inheritEnvironment,
                    Daemon::inheritEnvironment),
            new Key.Leaf<>(
                    "working_dir",
                    new DirectoryType(),
                    "by default ours",
                    Daemon.Builder::workingDir,
                    Daemon::workingDir),
            new Key.Leaf<>(
                    "user",
                    new UserType(),
                    "needs root unless it is ours; sets HOME, USER, LOGNAME and the groups; by default ours",
                    Daemon.Builder::user,
                    Daemon::user),
            always("stop_signal", ScalarType.SIGNAL, "asks it to stop", Daemon.Builder::stopSignal, Daemon::stopSignal),
            OWN_GRACE,
            new Key.Leaf<>(
                    "failure_policy",
                    ScalarType.FAILURE_POLICY,
                    "its own; by default the bundle's",
                    Daemon.Builder::failurePolicy,
                    Daemon::failurePolicy),
            RESTART,
            DEPENDS_ON,
            new Key.Leaf<>(
                    "readiness",
                    ProbeType.READINESS,
                    "probe: whether it guards now; by default it is ready as soon as it is started",
                    Daemon.Builder::readiness,
                    Daemon::readiness),
            new Key.Leaf<>(
                    "liveness",
                    ProbeType.LIVENESS,
                    "probe: whether it can still be expected to guard; a failure stops the daemon, and that is a death",
                    Daemon.Builder::liveness,
                    Daemon::liveness));

    private DaemonKeys() {}
}
