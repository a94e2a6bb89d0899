package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.prometheus.client.exporter.common.TextFormat;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collections;

/** {@code /q/metrics}: reads one snapshot and /proc, on the event loop. */
@Singleton
class MetricsRoute {

    private static final String PATH = "/q/metrics";
    private static final int NOT_ACCEPTABLE = 406;
    private static final String TEXT = "text/plain";
    private static final String OPEN_METRICS = "application/openmetrics-text";

    private final SupervisorView view;
    private final DaemonUsage usage = new DaemonUsage();

    MetricsRoute(SupervisorView view) {
        this.view = view;
    }

    void register(@Observes Router router) {
        router.route(PATH).produces(TEXT).produces(OPEN_METRICS).handler(this::answer);
        router.route(PATH).handler(context -> context.fail(NOT_ACCEPTABLE));
    }

    private void answer(RoutingContext context) {
        BundleState state = view.state();
        usage.update(state);
        String type = type(context.request().getHeader(HttpHeaders.ACCEPT));
        StringWriter text = new StringWriter();
        try {
            TextFormat.writeFormat(type, text, Collections.enumeration(Metrics.of(view, state, usage)));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        Responses.send(context, type, text.toString());
    }

    /** Chooses as Quarkus' own route for Prometheus does: text if {@code Accept} names it, else the newer format. */
    private static String type(String accept) {
        boolean text = accept != null && (accept.contains(TEXT) || accept.contains("text/html"));
        return text ? TextFormat.CONTENT_TYPE_004 : TextFormat.CONTENT_TYPE_OPENMETRICS_100;
    }
}
