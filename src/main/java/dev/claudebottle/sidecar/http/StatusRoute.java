package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
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
        if (Preference.isText(context.parsedHeaders().accept())) {
            answer(context, "text/plain", StatusTable.render(report));
        } else {
            answer(context, "application/json", report.toJson().encode() + "\n");
        }
    }

    private static void answer(RoutingContext context, String type, String text) {
        Buffer body = Buffer.buffer(text);
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                // for HEAD nobody else does it
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                .end(body);
    }
}
