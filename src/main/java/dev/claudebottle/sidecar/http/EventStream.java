package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.events.CloudEvent;
import dev.claudebottle.sidecar.events.EventLog;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One who listens, at its own pace: it reads from the log whenever there is room on its connection, and misses what the
 * log has dropped by then. So a client that is slow, or stuck, holds no memory but its connection's buffer.
 */
final class EventStream {

    private static final String COMMENT = ":\n\n";

    private final EventLog log;
    private final HttpServerResponse response;

    /** Where everything but the waking happens. */
    private final Context context;

    private final AtomicBoolean woken = new AtomicBoolean();

    /** The number of the event that was sent last. */
    private long last;

    EventStream(EventLog log, long last, HttpServerResponse response, Context context) {
        this.log = log;
        this.last = last;
        this.response = response;
        this.context = context;
    }

    void begin() {
        response.setChunked(true);
        // a reset is a close, nothing to log
        response.exceptionHandler(_ -> {});
        response.drainHandler(_ -> send());
        if (log.after(last).isEmpty()) {
            // the client shall not wait for the head until something happens
            response.write(COMMENT);
        }
        send();
    }

    /** There is something new; from any thread. However many there are, one look is enough. */
    void wake() {
        if (woken.compareAndSet(false, true)) {
            context.runOnContext(_ -> {
                woken.set(false);
                send();
            });
        }
    }

    /** Shows that we are there; from any thread. */
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
            // no event field: it would keep the event from a client's onmessage
            response.write("id: " + next.get().id() + "\ndata: " + next.get().json() + "\n\n");
        }
    }

    private boolean hasRoom() {
        return !response.closed() && !response.ended() && !response.writeQueueFull();
    }
}
