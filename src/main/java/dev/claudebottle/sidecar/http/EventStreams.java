package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.events.EventLog;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/** All who listen to the events. Costs nothing while nobody does. */
final class EventStreams implements Handler<RoutingContext> {

    /** Each holds a connection; the health checks need some too. */
    static final int MOST = 32;

    private final EventLog log;
    private final Vertx vertx;
    private final Duration heartbeat;
    private final Set<EventStream> streams = new LinkedHashSet<>();
    private long timer;

    EventStreams(EventLog log, Vertx vertx, Duration heartbeat) {
        this.log = log;
        this.vertx = vertx;
        this.heartbeat = heartbeat;
        log.listen(this::wake);
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerResponse response = context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        if (context.request().method().equals(HttpMethod.HEAD)) {
            response.end();
            return;
        }
        String lastId = context.request().getHeader("Last-Event-ID");
        EventStream stream =
                new EventStream(log, lastId == null ? 0 : log.find(lastId), response, vertx.getOrCreateContext());
        if (enter(stream)) {
            response.closeHandler(_ -> leave(stream));
            response.endHandler(_ -> leave(stream));
            stream.begin();
        } else {
            response.putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
                    .setStatusCode(503)
                    .end("there are " + MOST + " listeners already\n");
        }
    }

    private synchronized boolean enter(EventStream stream) {
        if (streams.size() == MOST) {
            return false;
        }
        if (streams.isEmpty()) {
            timer = vertx.setPeriodic(heartbeat.toMillis(), _ -> beat());
        }
        streams.add(stream);
        return true;
    }

    private synchronized void leave(EventStream stream) {
        if (streams.remove(stream) && streams.isEmpty()) {
            vertx.cancelTimer(timer);
        }
    }

    private synchronized void wake() {
        streams.forEach(EventStream::wake);
    }

    private synchronized void beat() {
        streams.forEach(EventStream::beat);
    }

    synchronized int count() {
        return streams.size();
    }
}
