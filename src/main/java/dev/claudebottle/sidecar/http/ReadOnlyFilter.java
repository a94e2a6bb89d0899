package dev.claudebottle.sidecar.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Lets a client change nothing: neither the bundle nor, by sending nonsense, what its log says. */
@Singleton
class ReadOnlyFilter {

    /** Before all that Quarkus registers itself. */
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

    /** Quarkus logs an error for a request without a Host header. */
    private static void answerQuietly(RoutingContext context) {
        boolean theirFault = context.statusCode() >= 400 && context.statusCode() < 500;
        if (theirFault && !context.response().ended()) {
            context.response().setStatusCode(context.statusCode()).end();
        } else {
            context.next();
        }
    }
}
