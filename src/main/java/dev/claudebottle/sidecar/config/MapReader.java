package dev.claudebottle.sidecar.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A map whose keys the format fixes. */
final class MapReader {

    private final Value owner;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, Object> results = new HashMap<>();

    private MapReader(Value owner) {
        this.owner = owner;
    }

    /** Empty, after an error, for anything but a map. Unknown keys are reported, extensions ignored. */
    static Optional<MapReader> of(Value owner, String expected, List<? extends Key<?, ?>> keys) {
        List<String> known = keys.stream().<String>map(Key::name).toList();
        return owner.map(expected).map(map -> {
            MapReader reader = new MapReader(owner);
            for (Entry entry : Entry.of(owner, map)) {
                if (entry.isExtension()) {
                    continue;
                }
                if (!known.contains(entry.name())) {
                    entry.value().error("unknown key", entry.name(), known, "one of " + String.join(", ", known));
                } else if (!entry.repeated()) {
                    reader.values.put(entry.name(), entry.value());
                }
            }
            return reader;
        });
    }

    <B> void read(List<? extends Key<B, ?>> keys, B builder) {
        keys.forEach(key -> read(key, builder));
    }

    /** Sets on the builder what the map says; nothing when it does not have the key. */
    <B> void read(Key<B, ?> key, B builder) {
        get(key).ifPresent(value -> {
            switch (key) {
                case Key.Leaf<B, ?, ?> leaf ->
                    leaf.read(value, builder).ifPresent(given -> results.put(key.name(), given));
                case Key.Section<B, ?> section ->
                    of(value, "a map", section.keys()).ifPresent(map -> map.read(section.keys(), builder));
            }
        });
    }

    boolean has(Key<?, ?> key) {
        return values.containsKey(key.name());
    }

    Optional<Value> get(Key<?, ?> key) {
        return Optional.ofNullable(values.get(key.name()));
    }

    boolean wasRead(Key<?, ?> key) {
        return results.containsKey(key.name());
    }

    /** What was read; empty when the map does not have the key, or after an error. */
    @SuppressWarnings("unchecked") // the key itself read it
    <V> Optional<V> value(Key.Leaf<?, ?, V> key) {
        return Optional.ofNullable((V) results.get(key.name()));
    }

    void require(Key.Leaf<?, ?, ?> key) {
        if (!has(key)) {
            String path = owner.key().isEmpty() ? key.name() : owner.key() + "." + key.name();
            owner.errors()
                    .inFile(
                            owner.file(),
                            owner.line(),
                            path,
                            "missing",
                            key.type().expected());
        }
    }
}
