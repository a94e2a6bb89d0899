package dev.claudebottle.sidecar.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Refuses every method but GET and HEAD, and keeps Quarkus from logging malformed requests. */
@Singleton
class ReadOnlyFilter {

    /** Above the priorities of Quarkus' own filters. */
    private static final int FIRST = 10_000;

    void register(@Observes Filters filters) {
        filters.register(ReadOnlyFilter::refuseMethods, FIRST);
    }

    void register(@Observes Router router) {
        router.route().order(-FIRST).failureHandler(ReadOnlyFilter::answerQuietly);
    }

    private static void refuseMethods(RoutingContext context) {
        HttpMethod method = context.request().method();
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            context.next();
        } else {
            context.response()
                    .setStatusCode(405)
                    .putHeader(HttpHeaders.ALLOW, "GET, HEAD")
                    .end();
        }
    }

    /** Quarkus' own handler logs an error for a request without a Host header, for example. */
    private static void answerQuietly(RoutingContext context) {
        boolean clientError = context.statusCode() >= 400 && context.statusCode() < 500;
        if (clientError && !context.response().ended()) {
            context.response().setStatusCode(context.statusCode()).end();
        } else {
            context.next();
        }
    }
}
