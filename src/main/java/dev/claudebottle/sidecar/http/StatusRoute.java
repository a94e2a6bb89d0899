package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** {@code /status}: reads one snapshot, on the event loop. */
@Singleton
class StatusRoute {

    private final SupervisorView view;

    StatusRoute(SupervisorView view) {
        this.view = view;
    }

    void register(@Observes Router router) {
        router.route("/status").handler(this::answer);
    }

    private void answer(RoutingContext context) {
        StatusReport report = StatusReport.of(view);
        if (ContentNegotiation.isText(context.parsedHeaders().accept())) {
            Responses.send(context, "text/plain", StatusTable.render(report));
        } else {
            Responses.send(context, "application/json", report.toJson().encode() + "\n");
        }
    }
}
