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

/** The clients of {@code /events}. The heartbeat's timer runs only while there are any. */
final class EventStreams implements Handler<RoutingContext> {

    /** Each client holds a connection, and the health checks need some too. */
    static final int MAX_CLIENTS = 32;

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
        EventForm form = EventForm.of(context.parsedHeaders().accept());
        HttpServerResponse response = context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, form.type())
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        if (context.request().method().equals(HttpMethod.HEAD)) {
            response.end();
            return;
        }
        String lastId = context.request().getHeader("Last-Event-ID");
        EventStream stream =
                new EventStream(log, form, lastId == null ? 0 : log.find(lastId), response, vertx.getOrCreateContext());
        if (add(stream)) {
            response.closeHandler(_ -> remove(stream));
            response.endHandler(_ -> remove(stream));
            stream.begin();
        } else {
            response.putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
                    .setStatusCode(503)
                    .end("there are " + MAX_CLIENTS + " listeners already\n");
        }
    }

    private synchronized boolean add(EventStream stream) {
        if (streams.size() == MAX_CLIENTS) {
            return false;
        }
        if (streams.isEmpty()) {
            timer = vertx.setPeriodic(heartbeat.toMillis(), _ -> beat());
        }
        streams.add(stream);
        return true;
    }

    private synchronized void remove(EventStream stream) {
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
