package dev.claudebottle.sidecar.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A map whose keys the format fixes. */
final class MapReader {

    private final Value owner;
    private final Map<String, Value> values = new HashMap<>();

    private MapReader(Value owner) {
        this.owner = owner;
    }

    /** Empty, after a error, for anything but a map. Unknown keys are reported. */
    static Optional<MapReader> of(Value owner, String expected, List<String> known) {
        return owner.map(expected).map(map -> {
            MapReader fields = new MapReader(owner);
            for (Entry entry : Entry.of(owner, map)) {
                if (!known.contains(entry.name())) {
                    entry.value().error("unknown key", "one of " + String.join(", ", known));
                } else if (!entry.repeated()) {
                    fields.values.put(entry.name(), entry.value());
                }
            }
            return fields;
        });
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    Optional<Value> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    <T> Optional<T> get(String name, ValueType<T> type) {
        return get(name).flatMap(value -> value.as(type));
    }

    Optional<Value> required(String name, String expected) {
        if (!has(name)) {
            String key = owner.key().isEmpty() ? name : owner.key() + "." + name;
            owner.errors().inFile(owner.file(), owner.line(), key, "missing", expected);
        }
        return get(name);
    }
}
