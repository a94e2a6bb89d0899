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
    private final HttpServerResponse response;

    /** The event loop that runs everything except {@link #wake} and {@link #beat}. */
    private final Context context;

    private final AtomicBoolean woken = new AtomicBoolean();

    /** Number of the event that was sent last. */
    private long last;

    EventStream(EventLog log, long last, HttpServerResponse response, Context context) {
        this.log = log;
        this.last = last;
        this.response = response;
        this.context = context;
    }

    void begin() {
        response.setChunked(true);
        // without a handler, a connection that is reset is logged
        response.exceptionHandler(_ -> {});
        response.drainHandler(_ -> send());
        if (log.after(last).isEmpty()) {
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
            if (hasRoom()) {
                response.write(COMMENT);
            }
        });
    }

    private void send() {
        while (hasRoom()) {
            Optional<CloudEvent> next = log.after(last);
            if (next.isEmpty()) {
                return;
            }
            last = next.get().number();
            // no event field: with one, the browser's EventSource does not call onmessage
            response.write("id: " + next.get().id() + "\ndata: " + next.get().json() + "\n\n");
        }
    }

    private boolean hasRoom() {
        return !response.closed() && !response.ended() && !response.writeQueueFull();
    }
}
