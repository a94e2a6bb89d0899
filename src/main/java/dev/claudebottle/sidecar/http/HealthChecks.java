package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.health.api.HealthRegistry;
import io.smallrye.health.api.HealthType;
import io.smallrye.health.registry.HealthRegistries;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * The checks of {@code /q/health}. They are registered in code because the daemons are known only at run time, and because SmallRye calls
 * checks that are beans on a worker thread, but these on the event loop.
 */
@Singleton
class HealthChecks {

    /** If something waits longer than this in its queue, the supervisor hangs. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final SupervisorView view;

    HealthChecks(SupervisorView view) {
        this.view = view;
    }

    void register(@Observes StartupEvent event) {
        HealthRegistries.getRegistry(HealthType.LIVENESS).register("supervisor", this::supervisor);
        HealthRegistries.getRegistry(HealthType.STARTUP).register("bundle", this::bundle);
        HealthRegistry readiness = HealthRegistries.getRegistry(HealthType.READINESS);
        for (DaemonStatus daemon : view.state().daemons()) {
            String name = daemon.name();
            readiness.register(name, () -> response(view.state().daemon(name)));
        }
    }

    private HealthCheckResponse supervisor() {
        return HealthCheckResponse.named("supervisor")
                .status(view.longestWait().compareTo(LONGEST_WAIT) <= 0)
                .build();
    }

    private HealthCheckResponse bundle() {
        return HealthCheckResponse.named("bundle")
                .status(view.state().started())
                .build();
    }

    private static HealthCheckResponse response(DaemonStatus daemon) {
        HealthCheckResponseBuilder response = HealthCheckResponse.named(daemon.name())
                .status(daemon.healthy())
                .withData("state", daemon.state().word())
                .withData("restarts", daemon.restarts());
        daemon.pid().ifPresent(pid -> response.withData("pid", pid));
        daemon.lastExit().ifPresent(exit -> response.withData("lastExit", exit.text()));
        // the answers of a dead daemon have no time here, and would seem to be about now
        if (daemon.pid().isPresent()) {
            lastAnswer(response, daemon, ProbeKind.READINESS, "readiness");
            lastAnswer(response, daemon, ProbeKind.LIVENESS, "liveness");
        }
        return response.build();
    }

    private static void lastAnswer(
            HealthCheckResponseBuilder response, DaemonStatus daemon, ProbeKind kind, String key) {
        daemon.lastAnswer(kind)
                .ifPresent(answer -> response.withData(key, answer.failure().orElse("passed")));
    }
}
