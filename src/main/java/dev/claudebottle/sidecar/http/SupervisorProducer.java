package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.supervisor.SupervisorView;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes the supervisor, which exists before CDI, injectable. */
@Singleton
class SupervisorProducer {

    @Produces
    @Singleton
    SupervisorView view() {
        return WebServer.supervisor();
    }
}
