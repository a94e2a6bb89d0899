package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;

/** {@code /events}: the events that are kept, and then each new one (decision 0002 says why this is a route). */
@Singleton
class EventsRoute {

    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final EventStreams streams;

    EventsRoute(SupervisorView view, Vertx vertx) {
        this.streams = new EventStreams(view.events(), vertx, HEARTBEAT);
    }

    void register(@Observes Router router) {
        router.route("/events").handler(streams);
    }
}
