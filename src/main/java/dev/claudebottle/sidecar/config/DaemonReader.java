package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** One daemon of a bundle file. */
final class DaemonReader {

    static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*");

    /** These are names of health checks, as every daemon's name is. */
    static final Set<String> RESERVED = Set.of("supervisor", "bundle");

    /**
     * What a daemon takes from its bundle.
     *
     * @param graceLimit the bundle's grace; empty when it is wrong
     * @param restart the bundle's rules
     */
    record Inherited(Optional<TimeSpan> graceLimit, RestartRules restart) {}

    private DaemonReader() {}

    /** Empty when there is no usable command; that has been reported. */
    static Optional<Daemon> read(Entry entry, Inherited inherited, Dependencies dependencies) {
        checkName(entry);
        return MapReader.of(entry.value(), "a map with the key command", DaemonKeys.ALL)
                .flatMap(map -> read(entry.name(), map, inherited, dependencies));
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

    private static Optional<Daemon> read(String name, MapReader map, Inherited inherited, Dependencies dependencies) {
        Daemon.Builder builder = Daemon.builder(name);
        map.require(DaemonKeys.COMMAND);
        for (Key<Daemon.Builder, Daemon> key : DaemonKeys.ALL) {
            if (key == DaemonKeys.RESTART) {
                map.get(key)
                        .flatMap(value -> new RestartType().read(value, inherited.restart()))
                        .ifPresent(rules -> builder.restart(rules.policy()));
                continue;
            }
            map.read(key, builder);
            if (key == DaemonKeys.OWN_GRACE) {
                inherited.graceLimit().ifPresent(limit -> checkGrace(map, limit));
            }
        }
        dependencies.add(name, map.value(DaemonKeys.DEPENDS_ON).orElse(List.of()));
        return map.value(DaemonKeys.COMMAND).map(_ -> builder.build());
    }

    private static void checkGrace(MapReader map, TimeSpan limit) {
        map.value(DaemonKeys.OWN_GRACE)
                .filter(own -> own.duration().compareTo(limit.duration()) > 0)
                .ifPresent(own -> map.get(DaemonKeys.OWN_GRACE)
                        .orElseThrow()
                        .error(own.text() + " is above the bundle's", "at most " + limit.text()));
    }
}
