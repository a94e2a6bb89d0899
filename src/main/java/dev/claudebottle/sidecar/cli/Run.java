package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.config.Settings;
import dev.claudebottle.sidecar.config.SocketPath;
import dev.claudebottle.sidecar.http.WebServer;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.logs.LogPump;
import dev.claudebottle.sidecar.logs.SystemOutCapture;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.LibcPreload;
import dev.claudebottle.sidecar.os.Processes;
import dev.claudebottle.sidecar.os.UnixSocket;
import dev.claudebottle.sidecar.supervisor.Supervisor;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.quarkus.picocli.runtime.annotations.TopCommand;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/**
 * Supervises the bundle: the guards first, the web server second.
 *
 * <p>Picocli creates this command before Quarkus is there, and {@link #call} starts the guards and then boots Quarkus. Quarkus creates it
 * again, as the command bean, whose {@link #run(String...)} stays with the supervisor until its end.
 */
@TopCommand
@Command(name = "run", description = "Supervise the bundle (the default).", mixinStandardHelpOptions = true)
public class Run implements Callable<Integer>, QuarkusApplication {

    private static final Duration DRAIN_TIMEOUT = Duration.ofMillis(500);

    /** Set only while the class archives are trained, to the archive: {@code guards} starts no web server, {@code server} does. */
    private static final String TRAINING = System.getProperty("sidecar.training");

    @ParentCommand
    private TopLevelFlags topLevel;

    @Mixin
    private BundleOptions options;

    /** Null until Quarkus injects it. */
    @Inject
    SupervisorView supervisor;

    @Override
    public Integer call() throws InterruptedException {
        return start(flags());
    }

    Flags flags() {
        return topLevel.flags(options);
    }

    /** Returns only after the supervisor's end; until then, whatever happens here, the guards and their pages stay. */
    @Override
    public int run(String... args) {
        try {
            return supervisor.awaitEnd();
        } catch (Throwable fault) {
            // no logger: Quarkus would set it up when this class is initialised, which is before the first guard
            System.err.println("internal error: the command ended before the supervisor");
            fault.printStackTrace();
            Quarkus.waitForExit();
            return 0;
        }
    }

    /**
     * Starts the guards, and then Quarkus.
     *
     * @return the exit code; with daemons, the process normally ends before this returns
     */
    static int start(Flags flags) throws InterruptedException {
        LibcPreload.start();
        Environment environment = Environment.ours();
        Settings settings = Settings.read(flags, environment.asMap());
        Bundle bundle = settings.bundle();
        List<OwnLine> lines = settings.unknownDaemons().stream()
                .map(name -> OwnLine.warning("ignoring the unknown daemon " + name))
                .toList();
        if (bundle.daemons().isEmpty()) {
            int stdout = Descriptors.takeStdout();
            return nothingToDo(
                    new LogPump(stdout, bundle.logs(), bundle.identity(), fault -> Processes.exit(1), (_, _) -> {}),
                    lines);
        }
        return start(supervisor(bundle, environment), settings.http(), settings.health(), settings.socket(), lines);
    }

    /** A supervisor that has not started; stdout is its own from now on. */
    static Supervisor supervisor(Bundle bundle, Environment environment) {
        return new Supervisor(bundle, environment, Descriptors.takeStdout(), exit());
    }

    /**
     * @param supervisor not started yet
     * @param health where to serve health and metrics alone
     * @param lines of ours that are written first
     */
    static int start(
            Supervisor supervisor,
            HttpAddress http,
            Optional<HttpAddress> health,
            SocketPath socket,
            List<OwnLine> lines)
            throws InterruptedException {
        SystemOutCapture.capture(supervisor::say);
        lines.forEach(supervisor::say);
        supervisor.start();
        try {
            if (!"guards".equals(TRAINING)) {
                serveRestarts(supervisor, socket);
                serve(supervisor, http, health);
            }
        } catch (Throwable unsaid) {
            // not even a line about it could be written; without this, we would leave and not the supervisor
        }
        return supervisor.awaitEnd();
    }

    /** Whatever happens here, an Error included, the guards stay. */
    private static void serveRestarts(Supervisor supervisor, SocketPath socket) {
        try {
            supervisor.serveRestarts(socket.path(), cause -> supervisor.say(unavailable(socket, cause)));
        } catch (Throwable fault) {
            supervisor.say(OwnLine.warning("cannot serve the command restart: " + fault));
        }
    }

    /** Only root can make the default, so that is worth no warning elsewhere. */
    private static OwnLine unavailable(SocketPath socket, String cause) {
        return OwnLine.of(
                socket.chosen() || UnixSocket.ourUid() == 0 ? OwnLine.Level.WARNING : OwnLine.Level.INFO,
                "cannot listen on " + socket.path() + ": " + cause + "; the command restart needs a socket, see "
                        + SocketPath.VARIABLE);
    }

    /** Whatever happens here, an Error included, the guards stay. */
    private static void serve(Supervisor supervisor, HttpAddress http, Optional<HttpAddress> health) {
        try {
            WebServer.serve(supervisor, http, health, Run.class, trouble -> supervisor.say(OwnLine.warning(trouble)));
        } catch (Throwable fault) {
            supervisor.say(OwnLine.warning("cannot serve HTTP on " + http + ": " + fault + "; the guards stay up"));
        }
    }

    private static int nothingToDo(LogPump pump, List<OwnLine> lines) throws InterruptedException {
        pump.start();
        lines.forEach(pump::say);
        long timeout = DRAIN_TIMEOUT.toNanos();
        pump.finish(OwnLine.info("no daemons selected; nothing to do"), timeout, System.nanoTime() + timeout);
        return 0;
    }

    /** A training run exits by the JVM's own way, on which the JVM writes the archive. */
    private static IntConsumer exit() {
        return TRAINING != null ? System::exit : Processes::exit;
    }
}
