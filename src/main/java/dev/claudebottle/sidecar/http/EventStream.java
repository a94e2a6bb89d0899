package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.events.CloudEvent;
import dev.claudebottle.sidecar.events.EventLog;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The events for one client, at the client's pace. It reads from the log whenever the connection's write queue has room, and misses what the
 * log has dropped by then: a client that reads slowly, or not at all, holds no memory but that queue.
 */
final class EventStream {

    private static final String COMMENT = ":\n\n";

    private final EventLog log;
    private final EventForm form;
    private final HttpServerResponse response;

    /** The event loop that runs everything except {@link #wake} and {@link #beat}. */
    private final Context context;

    private final AtomicBoolean woken = new AtomicBoolean();

    /** Number of the event that was sent last. */
    private long last;

    /** Number of the last event of an answer that ends. */
    private final long end;

    EventStream(EventLog log, EventForm form, long last, HttpServerResponse response, Context context) {
        this.log = log;
        this.form = form;
        this.last = last;
        this.end = form.isLive() ? Long.MAX_VALUE : log.last();
        this.response = response;
        this.context = context;
    }

    void begin() {
        response.setChunked(true);
        // without a handler, a connection that is reset is logged
        response.exceptionHandler(_ -> {});
        response.drainHandler(_ -> send());
        if (form.isLive() && log.after(last).isEmpty()) {
            // sends the response's head at once, not with the first event
            response.write(COMMENT);
        }
        send();
    }

    /** The log has new events. Safe from any thread; several calls cause one read. */
    void wake() {
        if (woken.compareAndSet(false, true)) {
            context.runOnContext(_ -> {
                woken.set(false);
                send();
            });
        }
    }

    /** Sends a comment, which shows that the connection is alive. Safe from any thread. */
    void beat() {
        context.runOnContext(_ -> {
            if (form.isLive() && hasRoom()) {
                response.write(COMMENT);
            }
        });
    }

    private void send() {
        while (hasRoom()) {
            Optional<CloudEvent> next = log.after(last);
            if (next.isEmpty() || next.get().number() > end) {
                if (!form.isLive()) {
                    response.end();
                }
                return;
            }
            last = next.get().number();
            response.write(form.of(next.get()));
        }
    }

    private boolean hasRoom() {
        return !response.closed() && !response.ended() && !response.writeQueueFull();
    }
}
