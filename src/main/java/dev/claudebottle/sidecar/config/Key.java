package dev.claudebottle.sidecar.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One key of a map in the bundle file.
 *
 * @param <B> builder of what the map describes
 * @param <M> what the map describes
 */
sealed interface Key<B, M> permits ValueKey, SectionKey {

    String name();

    /** For docs/operating.md. */
    String description();

    /**
     * Sets on the builder what the file says.
     *
     * @return that value; empty after an error
     */
    Optional<?> read(Value value, B builder);

    /** As YAML; empty when a bundle file would leave the key out. */
    Optional<Object> render(M model);

    static <M> Map<String, Object> render(List<? extends Key<?, M>> keys, M model) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (Key<?, M> key : keys) {
            key.render(model).ifPresent(value -> map.put(key.name(), value));
        }
        return map;
    }
}
