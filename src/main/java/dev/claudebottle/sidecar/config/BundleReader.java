package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The top level of a bundle file. */
final class BundleReader {

    private static final List<String> KEYS = List.of(
            "failure_policy", "stop_grace_period", "restart", "notify", "events", "logs", "forward_hup", "daemons");

    /** The last lines of all daemons are held in memory, and those of a thousand events are kept. */
    private static final int MOST_OUTPUT_LINES = 1000;

    private final MapReader fields;
    private final Dependencies dependencies = new Dependencies();

    private BundleReader(MapReader fields) {
        this.fields = fields;
    }

    static Optional<Bundle> read(Value root) {
        return MapReader.of(root, "a map with the key daemons", KEYS).map(fields -> new BundleReader(fields).read());
    }

    private Bundle read() {
        Bundle builtIn = BuiltInBundle.get();
        Optional<FailurePolicy> policy = fields.get("failure_policy", ValueType.FAILURE_POLICY);
        Optional<TimeSpan> grace = fields.get("stop_grace_period", ValueType.DURATION);
        Optional<RestartPolicy> restart =
                fields.get("restart").flatMap(value -> RestartReader.read(value, builtIn.restart()));
        Optional<URI> notifyUrl = only("notify", "url").flatMap(value -> NetworkTarget.readUrl(value, "http", "https"));
        Optional<Integer> outputLines =
                only("events", "output_lines").flatMap(value -> value.wholeNumber(0, MOST_OUTPUT_LINES));
        Optional<LogFormat> format = only("logs", "format").flatMap(value -> value.as(ValueType.LOG_FORMAT));

        // A wrong grace of the bundle is one error, not one more for each daemon.
        Optional<TimeSpan> limit = fields.has("stop_grace_period") ? grace : Optional.of(builtIn.stopGracePeriod());
        List<Daemon> daemons = readDaemons(limit);
        Optional<List<String>> forwardHup = fields.get("forward_hup").map(this::readNames);
        dependencies.check();
        return builtIn.toBuilder()
                .failurePolicy(policy.orElse(builtIn.failurePolicy()))
                .stopGracePeriod(grace.orElse(builtIn.stopGracePeriod()))
                .restart(restart.orElse(builtIn.restart()))
                .notifyUrl(notifyUrl)
                .outputLines(outputLines.orElse(builtIn.outputLines()))
                .logFormat(format.orElse(builtIn.logFormat()))
                .forwardHup(forwardHup.orElse(builtIn.forwardHup()))
                .daemons(daemons)
                .build();
    }

    /** The value in a map that knows a single key. */
    private Optional<Value> only(String name, String key) {
        return fields.get(name)
                .flatMap(value -> MapReader.of(value, "a map", List.of(key)))
                .flatMap(map -> map.get(key));
    }

    private List<Daemon> readDaemons(Optional<TimeSpan> graceLimit) {
        String expected = "a map of at least one daemon";
        List<Daemon> daemons = new ArrayList<>();
        fields.required("daemons", expected)
                .ifPresent(value -> value.map(expected).ifPresent(map -> {
                    if (map.getValue().isEmpty()) {
                        value.error("an empty map", expected);
                    }
                    for (Entry entry : Entry.of(value, map)) {
                        dependencies.declare(entry.name());
                        DaemonReader.read(entry, graceLimit, dependencies).ifPresent(daemons::add);
                    }
                }));
        return daemons;
    }

    /** After all daemons are declared. */
    private List<String> readNames(Value value) {
        List<NameList.Name> names = NameList.of(value);
        dependencies.checkNames(names);
        return NameList.texts(names);
    }
}
