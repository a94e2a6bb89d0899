package dev.claudebottle.sidecar.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * One key of a map in the bundle file. {@link MapReader} reads it, {@link #render} writes it.
 *
 * @param <B> builder of what the map describes
 * @param <M> what the map describes
 */
sealed interface Key<B, M> {

    String name();

    /** For docs/operating.md. */
    String description();

    /** As YAML; empty when a bundle file would leave the key out. */
    Optional<Object> render(M model);

    /**
     * A key with a value of its own.
     *
     * @param set on the builder
     * @param get from the model
     */
    record Leaf<B, M, V>(
            String name, ValueType<V> type, String description, BiConsumer<B, V> set, Function<M, Optional<V>> get)
            implements Key<B, M> {

        /**
         * Sets on the builder what the file says.
         *
         * @return that value; empty after an error
         */
        Optional<V> read(Value value, B builder) {
            Optional<V> read = type.read(value);
            read.ifPresent(given -> set.accept(builder, given));
            return read;
        }

        @Override
        public Optional<Object> render(M model) {
            return get.apply(model).map(type::render);
        }
    }

    /** A map that only groups keys: they belong to what the map above it describes. */
    record Section<B, M>(String name, String description, List<Key<B, M>> keys) implements Key<B, M> {

        @Override
        public Optional<Object> render(M model) {
            return Optional.of(Key.render(keys, model));
        }
    }

    /** A key whose value the model always has. */
    static <B, M, V> Leaf<B, M, V> always(
            String name, ValueType<V> type, String description, BiConsumer<B, V> set, Function<M, V> get) {
        return new Leaf<>(name, type, description, set, model -> Optional.of(get.apply(model)));
    }

    static <M> Map<String, Object> render(List<? extends Key<?, M>> keys, M model) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (Key<?, M> key : keys) {
            key.render(model).ifPresent(value -> map.put(key.name(), value));
        }
        return map;
    }
}
