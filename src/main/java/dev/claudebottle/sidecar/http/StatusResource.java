package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.smallrye.common.annotation.NonBlocking;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;

/**
 * {@code /status}: answers from one snapshot, on the event loop. There is no {@code @Produces}, because with it JAX-RS answers
 * 406 to an Accept that names neither type, and this is always 200.
 */
@Path("/status")
public class StatusResource {

    private static final String TEXT = "text/plain";
    private static final List<String> TYPES = List.of("application/json", TEXT);

    private final SupervisorView view;

    StatusResource(SupervisorView view) {
        this.view = view;
    }

    @GET
    @NonBlocking
    public Response status(@Context RoutingContext context) {
        StatusReport report = StatusReport.of(view);
        String type = ContentNegotiation.choose(context.parsedHeaders().accept(), TYPES);
        return type.equals(TEXT)
                ? Responses.of(TEXT, StatusTable.render(report, Instant.now()))
                : Responses.of(type, report.toJson().encode() + "\n");
    }
}
