package dev.claudebottle.sidecar.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Instant;

/** The headers of our pages. Content-Length is explicit, because an answer to HEAD has no body to count. */
final class Responses {

    private static final String NO_STORE = "no-store";

    private Responses() {}

    /** For a REST resource; {@code type} is the one that {@code Accept} has chosen. */
    static Response of(String type, String text) {
        byte[] body = text.getBytes(UTF_8);
        return Response.ok(body)
                .header(HttpHeaders.CONTENT_TYPE, type)
                .header(HttpHeaders.CONTENT_LENGTH, body.length)
                .header(HttpHeaders.CACHE_CONTROL, NO_STORE)
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                // the page tells ages by our clock
                .header(HttpHeaders.DATE, HttpDate.format(Instant.now()))
                .build();
    }

    /** For a route; {@code type} is the one that {@code Accept} has chosen. */
    static void send(RoutingContext context, String type, String text) {
        Buffer body = Buffer.buffer(text);
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE)
                .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                .end(body);
    }

    /** For a refusal of any request: one line that says why. */
    static void send(RoutingContext context, int status, String line) {
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(line.length()))
                .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE)
                .end(line);
    }
}
