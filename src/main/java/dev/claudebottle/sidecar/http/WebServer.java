package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
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
     * @param application what Quarkus runs once the server is up
     * @param say writes a warning of ours
     */
    public static void serve(
            SupervisorView view,
            HttpAddress address,
            Class<? extends QuarkusApplication> application,
            Consumer<String> say) {
        int spare = Descriptors.spare();
        if (spare < DESCRIPTORS) {
            say.accept(
                    cannotServe(address, "the limit on open files leaves " + spare + ", and it needs " + DESCRIPTORS));
            return;
        }
        ConnectionLimits.setDescriptors(spare
                - DESCRIPTORS
                - DESCRIPTORS_PER_DAEMON * view.state().daemons().size());
        String bound;
        try {
            bound = ListenAddress.of(address.host());
        } catch (IOException cause) {
            say.accept(cannotServe(address, StartupError.message(cause)));
            return;
        }
        SUPERVISOR.set(view);
        HostFilter.setConfigured(address.host());
        ClassPreload.begin();
        // system properties win over the environment and files: the address that has been validated is the one that
        // counts
        System.setProperty("user.dir", NO_DIRECTORY);
        System.setProperty("quarkus.http.host", bound);
        System.setProperty("quarkus.http.port", Integer.toString(address.port()));
        System.setProperty(ConnectionLimits.EXTENSIONS_SYSTEM_PROPERTY, ConnectionLimits.ENABLED);
        Throwable cause = run(application);
        if (cause != null) {
            say.accept(cannotServe(address, StartupError.message(cause)));
        }
    }

    private static String cannotServe(HttpAddress address, String cause) {
        return "cannot serve HTTP on " + address + ": " + cause + "; the guards stay up";
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
