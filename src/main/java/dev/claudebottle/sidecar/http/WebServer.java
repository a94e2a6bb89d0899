package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Boots Quarkus, and with it the web server. Its failure never takes a guard down, so nothing here ends the process. */
public final class WebServer {

    /** Where CDI finds the supervisor, which is older than CDI. */
    private static final AtomicReference<SupervisorView> SUPERVISOR = new AtomicReference<>();

    /**
     * Quarkus configures itself by files in the directory that the property user.dir names, which is the working directory: `.env` and
     * `config/application.properties`. Nobody can make one below this. Java itself keeps the real directory, which it has read before.
     */
    private static final String NO_DIRECTORY = "/dev/null";

    /** What the server opens at its start, most of it jars, and one for a connection. */
    private static final int DESCRIPTORS = 117;

    /** What connections must leave for the starts of a daemon, and for its probes. */
    private static final int DESCRIPTORS_PER_DAEMON = 4;

    private WebServer() {}

    /**
     * Serves for as long as the application runs. Returns only when it can't serve, and has said why then, or when the JVM shuts down.
     *
     * @param health where to serve health and metrics alone
     * @param application what Quarkus runs once the server is up
     * @param say writes a warning of ours
     */
    public static void serve(
            SupervisorView view,
            HttpAddress http,
            Optional<HttpAddress> health,
            Class<? extends QuarkusApplication> application,
            Consumer<String> say) {
        BiConsumer<HttpAddress, String> cannotServe = (address, cause) ->
                say.accept("cannot serve HTTP on " + address + ": " + cause + "; the guards stay up");
        int spare = Descriptors.spare();
        int needed = DESCRIPTORS + (health.isPresent() ? 1 : 0);
        if (spare < needed) {
            String cause = "the limit on open files leaves " + spare + ", and it needs " + needed;
            cannotServe.accept(http, cause);
            health.ifPresent(address -> cannotServe.accept(address, cause));
            return;
        }
        BundleState state = view.state();
        // each receiver of events may hold one, while a daemon starts again
        int forConnections = spare
                - needed
                - DESCRIPTORS_PER_DAEMON * state.daemons().size()
                - state.bundle().notifyUrls().size();
        ConnectionLimits.setDescriptors(health.isPresent() ? forConnections / 2 : forConnections);
        Listeners listeners = Listeners.of(http, health, cannotServe);
        Optional<HttpAddress> first = listeners.main().or(listeners::health);
        if (first.isEmpty()) {
            return;
        }
        SUPERVISOR.set(view);
        HostFilter.setConfigured(http.host());
        listeners.health().ifPresent(address -> {
            HealthListener.set(address);
            if (listeners.main().isPresent()) {
                HealthServer.enable(
                        address, cause -> cannotServe.accept(health.orElseThrow(), StartupError.message(cause)));
            }
        });
        ClassPreload.begin();
        // system properties win over the environment and files: the address that has been validated is the one that
        // counts
        System.setProperty("user.dir", NO_DIRECTORY);
        System.setProperty("quarkus.http.host", first.get().host());
        System.setProperty("quarkus.http.port", Integer.toString(first.get().port()));
        System.setProperty(ConnectionLimits.EXTENSIONS_SYSTEM_PROPERTY, ConnectionLimits.ENABLED);
        Throwable cause = run(application);
        if (cause != null) {
            String message = StartupError.message(cause);
            listeners.main().ifPresent(_ -> cannotServe.accept(http, message));
            listeners.health().ifPresent(_ -> cannotServe.accept(health.orElseThrow(), message));
        }
    }

    static SupervisorView supervisor() {
        SupervisorView view = SUPERVISOR.get();
        if (view == null) {
            throw new IllegalStateException("internal error: Quarkus runs without a supervisor");
        }
        return view;
    }

    /** Why the server does not run; null when it has been shut down in order. */
    private static Throwable run(Class<? extends QuarkusApplication> application) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try {
            // with an exit handler Quarkus neither logs a failure to start nor calls System.exit
            Quarkus.run(application, (_, cause) -> failure.set(cause));
            return failure.get();
        } catch (Throwable broken) {
            return failure.get() == null ? broken : failure.get();
        }
    }
}
