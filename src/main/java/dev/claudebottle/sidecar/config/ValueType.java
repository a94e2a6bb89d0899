package dev.claudebottle.sidecar.config;

import java.util.Optional;

/** What a key of the bundle file may hold. */
interface ValueType<V> {

    /** What the user is expected to write: error messages and docs/operating.md say it. */
    String expected();

    /** Empty after an error. */
    Optional<V> read(Value value);

    /** As YAML: text, a number, a list or a map. */
    Object render(V value);
}
