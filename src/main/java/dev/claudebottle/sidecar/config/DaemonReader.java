package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** One daemon of a bundle file. */
final class DaemonReader {

    private static final List<String> KEYS = List.of(
            "command",
            "environment",
            "inherit_environment",
            "working_dir",
            "user",
            "stop_signal",
            "stop_grace_period",
            "failure_policy",
            "depends_on",
            "readiness",
            "liveness");

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*");

    /** Health checks, next to those that are named after daemons. */
    private static final Set<String> RESERVED = Set.of("supervisor", "bundle");

    private DaemonReader() {}

    /** Empty when there is no usable command; that has been reported. */
    static Optional<Daemon> read(Entry entry, Optional<TimeSpan> graceLimit, Dependencies dependencies) {
        checkName(entry);
        return MapReader.of(entry.value(), "a map with the key command", KEYS)
                .flatMap(fields -> read(entry.name(), fields, graceLimit, dependencies));
    }

    private static void checkName(Entry entry) {
        if (!NAME.matcher(entry.name()).matches()) {
            entry.value()
                    .error(
                            Printable.quoted(entry.name()) + " is not a daemon's name",
                            "a to z, 0 to 9 and -, not - first");
        } else if (RESERVED.contains(entry.name())) {
            entry.value().error("a reserved name", "another one than supervisor and bundle");
        }
    }

    private static Optional<Daemon> read(
            String name, MapReader fields, Optional<TimeSpan> graceLimit, Dependencies dependencies) {
        Optional<List<String>> command = fields.required("command", "a list of the program and its arguments")
                .flatMap(CommandReader::read);
        Map<String, String> environment =
                fields.get("environment").map(EnvironmentReader::read).orElse(Map.of());
        Optional<List<String>> inherit = fields.get("inherit_environment").map(EnvironmentReader::readNames);
        Optional<String> workingDir = fields.get("working_dir").flatMap(DaemonReader::readWorkingDir);
        Optional<String> user = fields.get("user").flatMap(UserReader::read);
        Optional<Signal> stopSignal = fields.get("stop_signal", ValueType.SIGNAL);
        Optional<TimeSpan> grace = fields.get("stop_grace_period").flatMap(value -> readGrace(value, graceLimit));
        Optional<FailurePolicy> policy = fields.get("failure_policy", ValueType.FAILURE_POLICY);
        List<NameList.Name> dependsOn =
                fields.get("depends_on").map(NameList::of).orElse(List.of());
        dependencies.add(name, dependsOn);
        Optional<Probe> readiness = fields.get("readiness").flatMap(ProbeReader::readiness);
        Optional<Probe> liveness = fields.get("liveness").flatMap(ProbeReader::liveness);
        Daemon.Builder builder = Daemon.builder(name)
                .environment(environment)
                .stopSignal(stopSignal.orElse(Signal.TERM))
                .dependsOn(NameList.texts(dependsOn));
        inherit.ifPresent(builder::inheritEnvironment);
        workingDir.ifPresent(builder::workingDir);
        user.ifPresent(builder::user);
        grace.ifPresent(builder::stopGracePeriod);
        policy.ifPresent(builder::failurePolicy);
        readiness.ifPresent(builder::readiness);
        liveness.ifPresent(builder::liveness);
        return command.map(argv -> builder.command(argv).build());
    }

    private static Optional<String> readWorkingDir(Value value) {
        Optional<String> dir = value.text("a directory");
        if (dir.filter(String::isEmpty).isPresent()) {
            value.error("empty", "a directory");
        }
        return dir;
    }

    private static Optional<TimeSpan> readGrace(Value value, Optional<TimeSpan> limit) {
        Optional<TimeSpan> grace = value.as(ValueType.DURATION);
        grace.filter(own -> limit.filter(most -> own.duration().compareTo(most.duration()) > 0)
                        .isPresent())
                .ifPresent(own -> value.error(
                        own.text() + " is above the bundle's " + limit.get().text(),
                        "at most " + limit.get().text()));
        return grace;
    }
}
