package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Seconds;
import dev.claudebottle.sidecar.lifecycle.UtcTime;
import dev.claudebottle.sidecar.os.Processes;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;

/**
 * The content of {@code /status}. It has no command, no arguments and no environment, because these may hold secrets.
 *
 * @param pid the supervisor's
 * @param adopted see {@link SupervisorView#adopted}
 */
public record StatusReport(
        String state,
        boolean ready,
        String failurePolicy,
        long pid,
        String startedAt,
        BigDecimal uptimeSeconds,
        long orphansReaped,
        long adopted,
        List<DaemonReport> daemons) {

    public StatusReport {
        daemons = List.copyOf(daemons);
    }

    static StatusReport of(SupervisorView view) {
        BundleState state = view.state();
        // read after the snapshot, so that no gap in it begins later than this
        long now = System.nanoTime();
        return new StatusReport(
                state.phase().word(),
                state.ready(),
                state.bundle().failurePolicy().word(),
                Processes.self(),
                UtcTime.format(view.startedAt().utc()),
                Seconds.of(now - view.startedAt().nanos()),
                view.orphansReaped(),
                view.adopted(),
                state.daemons().stream()
                        .map(daemon -> DaemonReport.of(state.bundle(), daemon, now))
                        .toList());
    }

    JsonObject toJson() {
        JsonArray all = new JsonArray();
        daemons.forEach(daemon -> all.add(daemon.toJson()));
        return new JsonObject()
                .put("state", state)
                .put("ready", ready)
                .put("failurePolicy", failurePolicy)
                .put("pid", pid)
                .put("startedAt", startedAt)
                .put("uptimeSeconds", uptimeSeconds)
                .put("orphansReaped", orphansReaped)
                .put("adopted", adopted)
                .put("daemons", all);
    }

    /**
     * Reads the answer of a server that may be any.
     *
     * @throws IllegalArgumentException if it is no status
     */
    public static StatusReport parse(String json) {
        try {
            return of(new JsonObject(json));
        } catch (DecodeException | ClassCastException | NullPointerException | NumberFormatException e) {
            throw new IllegalArgumentException("not the status of a bundle", e);
        }
    }

    private static StatusReport of(JsonObject json) {
        JsonArray daemons = json.getJsonArray("daemons");
        return new StatusReport(
                json.getString("state"),
                json.getBoolean("ready"),
                json.getString("failurePolicy"),
                json.getLong("pid"),
                json.getString("startedAt"),
                Seconds.of(json.getNumber("uptimeSeconds")),
                json.getLong("orphansReaped"),
                json.getLong("adopted"),
                daemons.stream()
                        .map(JsonObject.class::cast)
                        .map(DaemonReport::of)
                        .toList());
    }
}
