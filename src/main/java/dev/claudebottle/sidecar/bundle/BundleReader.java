package dev.claudebottle.sidecar.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The top level of a bundle file. */
final class BundleReader {

    private static final List<String> KEYS = List.of(
            "failure_policy", "stop_grace_period", "restart", "notify", "events", "logs", "forward_hup", "daemons");

    private static final List<String> RESTART_KEYS = List.of(
            "initial_delay", "max_delay", "reset_after", "crash_loop_deaths", "crash_loop_window", "crash_loop_action");

    private static final Kind<String> CRASH_LOOP_ACTION = new Kind<>(
            "a crash-loop action",
            "keep-trying, leave or teardown",
            word -> Optional.of(word).filter(List.of("keep-trying", "leave", "teardown")::contains));

    private final Fields fields;

    private BundleReader(Fields fields) {
        this.fields = fields;
    }

    static Optional<Bundle> read(Value root) {
        return Fields.of(root, "a map with the key daemons", KEYS).map(fields -> new BundleReader(fields).read());
    }

    private Bundle read() {
        Bundle builtIn = BuiltInBundle.get();
        Optional<FailurePolicy> policy = fields.get("failure_policy", Kind.FAILURE_POLICY);
        Optional<TimeSpan> grace = fields.get("stop_grace_period", Kind.DURATION);
        fields.get("restart").ifPresent(BundleReader::checkRestart);
        fields.get("notify").ifPresent(BundleReader::checkNotify);
        fields.get("events")
                .flatMap(value -> Fields.of(value, "a map", List.of("output_lines")))
                .flatMap(events -> events.get("output_lines"))
                .ifPresent(lines -> lines.wholeNumberFrom(0));
        Optional<LogFormat> format = fields.get("logs")
                .flatMap(value -> Fields.of(value, "a map", List.of("format")))
                .flatMap(logs -> logs.get("format", Kind.LOG_FORMAT));
        fields.refuseNotBuilt(NotBuiltYet.BUNDLE_KEYS);

        // A wrong grace of the bundle is one mistake, not one more for each daemon.
        Optional<TimeSpan> limit = fields.has("stop_grace_period") ? grace : Optional.of(builtIn.stopGracePeriod());
        return new Bundle(
                policy.orElse(builtIn.failurePolicy()),
                grace.orElse(builtIn.stopGracePeriod()),
                format.orElse(builtIn.logFormat()),
                readDaemons(limit));
    }

    private static void checkRestart(Value value) {
        Fields.of(value, "a map", RESTART_KEYS).ifPresent(restart -> {
            restart.get("initial_delay", Kind.DURATION);
            restart.get("max_delay", Kind.DURATION_ABOVE_ZERO);
            restart.get("reset_after", Kind.DURATION);
            restart.get("crash_loop_deaths").ifPresent(deaths -> deaths.wholeNumberFrom(1));
            restart.get("crash_loop_window", Kind.DURATION_ABOVE_ZERO);
            restart.get("crash_loop_action", CRASH_LOOP_ACTION);
        });
    }

    private static void checkNotify(Value value) {
        Fields.of(value, "a map", List.of("url"))
                .flatMap(notify -> notify.get("url"))
                .ifPresent(url -> NetworkTarget.checkUrl(url, "http", "https"));
    }

    private List<Daemon> readDaemons(Optional<TimeSpan> graceLimit) {
        String expected = "a map of at least one daemon";
        List<Daemon> daemons = new ArrayList<>();
        Dependencies dependencies = new Dependencies();
        fields.required("daemons", expected)
                .ifPresent(value -> value.map(expected).ifPresent(map -> {
                    if (map.getValue().isEmpty()) {
                        value.mistake("an empty map", expected);
                    }
                    for (Entry entry : Entry.of(value, map)) {
                        dependencies.declare(entry.name());
                        DaemonReader.read(entry, graceLimit, dependencies).ifPresent(daemons::add);
                    }
                }));
        fields.get("forward_hup").ifPresent(value -> dependencies.checkNames(NameList.of(value)));
        dependencies.check();
        return daemons;
    }
}
