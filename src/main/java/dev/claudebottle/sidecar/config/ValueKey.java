package dev.claudebottle.sidecar.config;

import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A key with a value of its own.
 *
 * @param set on the builder
 * @param get from the model
 */
record ValueKey<B, M, V>(
        String name, ValueType<V> type, String description, BiConsumer<B, V> set, Function<M, Optional<V>> get)
        implements Key<B, M> {

    @Override
    public Optional<V> read(Value value, B builder) {
        Optional<V> read = type.read(value);
        read.ifPresent(given -> set.accept(builder, given));
        return read;
    }

    @Override
    public Optional<Object> render(M model) {
        return get.apply(model).map(type::render);
    }
}
