package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.util.List;
import java.util.Optional;

/** Restart rules. */
record RestartType() implements MapType<RestartPolicy> {

    @Override
    public List<Key<RestartPolicy.Builder, RestartPolicy>> keys() {
        return RestartKeys.ALL;
    }

    @Override
    public Optional<RestartPolicy> read(Value value) {
        return read(value, RestartRules.BUILT_IN).map(RestartRules::policy);
    }

    /** @param otherwise what the file leaves out is as in these rules */
    Optional<RestartRules> read(Value value, RestartRules otherwise) {
        return MapReader.of(value, expected(), keys()).map(otherwise::overriddenBy);
    }
}
