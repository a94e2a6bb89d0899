package dev.claudebottle.sidecar.config;

import java.util.List;
import java.util.Optional;

/** A map that only groups keys: they belong to what the map above it describes. */
record SectionKey<B, M>(String name, String description, List<Key<B, M>> keys) implements Key<B, M> {

    @Override
    public Optional<?> read(Value value, B builder) {
        return MapReader.of(value, "a map", keys).map(map -> {
            map.read(keys, builder);
            return map;
        });
    }

    @Override
    public Optional<Object> render(M model) {
        return Optional.of(Key.render(keys, model));
    }
}
