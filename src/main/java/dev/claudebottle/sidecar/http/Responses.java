package dev.claudebottle.sidecar.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/** How a page of ours is sent. */
final class Responses {

    private Responses() {}

    /** @param type what {@code Accept} has chosen */
    static void send(RoutingContext context, String type, String text) {
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
