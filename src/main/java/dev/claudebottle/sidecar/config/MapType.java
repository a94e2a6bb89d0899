package dev.claudebottle.sidecar.config;

import java.util.List;

/** A map whose keys the format fixes. */
sealed interface MapType<M> extends ValueType<M> permits ProbeType, RestartType {

    List<? extends Key<?, M>> keys();

    @Override
    default String expected() {
        return "a map";
    }

    @Override
    default Object render(M model) {
        return Key.render(keys(), model);
    }
}
