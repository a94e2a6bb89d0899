package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.quarkus.runtime.Quarkus;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The web server. It only tells what it sees: whatever happens to it never takes a guard down, so nothing here ends the
 * process.
 */
public final class WebServer {

    /** The supervisor is older than the container of beans, which can't make it and so finds it here. */
    private static final AtomicReference<SupervisorView> SEEN = new AtomicReference<>();

    private WebServer() {}

    /**
     * Serves until the process ends. Returns only when it can't, and has said why then; or when the JVM shuts down.
     *
     * @param say puts out a line of our own
     */
    public static void serve(SupervisorView view, HttpAddress address, Consumer<String> say) {
        SEEN.set(view);
        // the address has been validated, flags included: the environment and other files must not change it again
        System.setProperty("quarkus.http.host", address.host());
        System.setProperty("quarkus.http.port", Integer.toString(address.port()));
        Throwable cause = run();
        if (cause != null) {
            say.accept("cannot serve HTTP on " + address + ": " + StartupError.words(cause) + "; the guards stay up");
        }
    }

    static SupervisorView seen() {
        SupervisorView view = SEEN.get();
        if (view == null) {
            throw new IllegalStateException("there is no supervisor to look at");
        }
        return view;
    }

    /** Why the server is not there; null when it has been shut down in order. */
    private static Throwable run() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try {
            // with a handler of ours Quarkus neither logs a failure to start nor calls System.exit
            Quarkus.run(null, (_, cause) -> failure.set(cause));
            return failure.get();
        } catch (Throwable broken) {
            return failure.get() == null ? broken : failure.get();
        }
    }
}
