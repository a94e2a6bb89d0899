package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Daemon;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The daemons by their names. */
record DaemonsType() implements ValueType<List<Daemon>> {

    @Override
    public String expected() {
        return "a map of at least one daemon";
    }

    @Override
    public Optional<List<Daemon>> read(Value value) {
        throw new UnsupportedOperationException("internal error: BundleReader reads daemons, with the bundle's rules");
    }

    /** @param dependencies takes the daemons and what they depend on */
    Optional<List<Daemon>> read(Value value, DaemonReader.Inherited inherited, Dependencies dependencies) {
        return value.map(expected()).map(map -> {
            List<Entry> entries = Entry.of(value, map);
            if (map.getValue().isEmpty()) {
                value.error("an empty map", expected());
            } else if (!entries.isEmpty() && entries.stream().allMatch(Entry::isExtension)) {
                value.error("nothing but keys that begin with x-, which are ignored", expected());
            }
            List<Daemon> daemons = new ArrayList<>();
            for (Entry entry : entries) {
                if (entry.isExtension()) {
                    continue;
                }
                dependencies.declare(entry.name());
                DaemonReader.read(entry, inherited, dependencies).ifPresent(daemons::add);
            }
            return daemons;
        });
    }

    @Override
    public Object render(List<Daemon> daemons) {
        Map<String, Object> map = new LinkedHashMap<>();
        daemons.forEach(daemon -> map.put(daemon.name(), Key.render(DaemonKeys.ALL, daemon)));
        return map;
    }
}
