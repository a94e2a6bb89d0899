package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.smallrye.health.api.HealthContentFilter;
import jakarta.inject.Singleton;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.spi.JsonProvider;
import java.util.Comparator;
import java.util.List;

/** Puts the checks of daemons into the bundle's order, after all others; SmallRye's order is arbitrary. */
@Singleton
class HealthCheckOrder implements HealthContentFilter {

    private static final JsonProvider JSON = JsonProvider.provider();
    private static final String CHECKS = "checks";

    private final List<String> names;

    HealthCheckOrder(SupervisorView view) {
        names = view.state().daemons().stream().map(DaemonStatus::name).toList();
    }

    @Override
    public JsonObject filter(JsonObject health) {
        JsonArrayBuilder sorted = JSON.createArrayBuilder();
        health.getJsonArray(CHECKS).getValuesAs(JsonObject.class).stream()
                .sorted(Comparator.comparingInt(check -> names.indexOf(check.getString("name"))))
                .forEach(sorted::add);
        return JSON.createObjectBuilder(health).add(CHECKS, sorted).build();
    }
}
