package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.exporter.common.TextFormat;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;

/**
 * {@code /q/metrics}: one snapshot, and what /proc says about the daemons' processes. Prometheus' text, which every tool reads, unless a client
 * prefers OpenMetrics.
 */
@Singleton
class MetricsRoute {

    private static final String PATH = "/q/metrics";
    private static final int UNAVAILABLE = 503;
    private static final String TEXT = "text/plain";
    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final List<String> TYPES = List.of(TEXT, OPEN_METRICS);

    private final MetricsReader reader;
    private final Vertx vertx;

    MetricsRoute(SupervisorView view, Vertx vertx) {
        // a thread of its own, and not one of a pool: between two requests there is none
        this.reader = new MetricsReader(
                view, work -> Thread.ofPlatform().name("metrics").daemon().start(work));
        this.vertx = vertx;
    }

    void register(@Observes Router router) {
        router.route(PATH).handler(this::answer);
    }

    private void answer(RoutingContext context) {
        reader.read(vertx.getOrCreateContext()).onComplete(samples -> {
            if (context.response().closed()) {
                return;
            }
            if (samples.succeeded()) {
                send(context, samples.result());
            } else {
                context.response()
                        .setStatusCode(UNAVAILABLE)
                        .putHeader(HttpHeaders.CONTENT_TYPE, TEXT)
                        .end("cannot read the processes: " + samples.cause().getMessage() + "\n");
            }
        });
    }

    private static void send(RoutingContext context, List<MetricFamilySamples> samples) {
        String type = ContentNegotiation.choose(context.parsedHeaders().accept(), TYPES)
                        .equals(TEXT)
                ? TextFormat.CONTENT_TYPE_004
                : TextFormat.CONTENT_TYPE_OPENMETRICS_100;
        StringWriter text = new StringWriter();
        try {
            TextFormat.writeFormat(type, text, Collections.enumeration(samples));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        Responses.send(context, type, text.toString());
    }
}
