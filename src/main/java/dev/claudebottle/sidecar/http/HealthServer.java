package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.config.HttpAddress;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.util.function.Consumer;

/**
 * Listens on the health address beside Quarkus' own server, with its options, on its threads, and leads to the same routes (decision 0033).
 * {@link HostFilter} and {@link ConnectionLimits} tell them apart.
 */
@Singleton
class HealthServer implements HttpServerOptionsCustomizer {

    private record Wanted(HttpAddress address, Consumer<Throwable> failed) {}

    /** Null: nobody wants it. */
    private static volatile Wanted wanted;

    private final Vertx vertx;

    HealthServer(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * @param address without a name
     * @param failed gets the cause when it can't listen
     */
    static void enable(HttpAddress address, Consumer<Throwable> failed) {
        wanted = new Wanted(address, failed);
    }

    /** Quarkus calls this when everything can be served, right before it listens itself. */
    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        Wanted here = wanted;
        if (here != null) {
            vertx.createHttpServer(options)
                    .requestHandler(VertxHttpRecorder.getRootHandler())
                    .listen(here.address.port(), here.address.host())
                    .onFailure(here.failed::accept);
        }
    }
}
