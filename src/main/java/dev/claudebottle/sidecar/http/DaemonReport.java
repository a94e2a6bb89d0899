package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.lifecycle.UtcTime;
import io.vertx.core.json.JsonObject;

/**
 * One daemon in {@code /status}.
 *
 * @param pid of its first process; null while that does not live
 * @param startedAt of its first process; null while that does not live
 * @param lastExit null before its first end
 * @param nextStartAt null unless a start is planned
 * @param readiness null without an answer of such a probe in its latest start
 * @param liveness likewise
 */
public record DaemonReport(
        String name,
        String state,
        boolean ready,
        Long pid,
        String startedAt,
        long starts,
        long restarts,
        String failurePolicy,
        ExitReport lastExit,
        String nextStartAt,
        ProbeReport readiness,
        ProbeReport liveness,
        boolean crashLooping,
        GapReport gaps) {

    static DaemonReport of(Bundle bundle, DaemonStatus daemon, long now) {
        return new DaemonReport(
                daemon.name(),
                daemon.state().word(),
                daemon.ready(),
                daemon.pid().isPresent() ? (long) daemon.pid().getAsInt() : null,
                daemon.startedAt().map(UtcTime::format).orElse(null),
                daemon.starts(),
                daemon.restarts(),
                bundle.failurePolicyOf(daemon.daemon()).word(),
                daemon.lastExit().map(ExitReport::of).orElse(null),
                daemon.nextStartAt().map(UtcTime::format).orElse(null),
                ProbeReport.of(daemon, ProbeKind.READINESS),
                ProbeReport.of(daemon, ProbeKind.LIVENESS),
                daemon.crashLooping(),
                GapReport.of(daemon.gaps(), now));
    }

    static DaemonReport of(JsonObject json) {
        JsonObject lastExit = json.getJsonObject("lastExit");
        return new DaemonReport(
                json.getString("name"),
                json.getString("state"),
                json.getBoolean("ready"),
                json.getLong("pid"),
                json.getString("startedAt"),
                json.getLong("starts"),
                json.getLong("restarts"),
                json.getString("failurePolicy"),
                lastExit == null ? null : ExitReport.of(lastExit),
                json.getString("nextStartAt"),
                ProbeReport.of(json.getJsonObject("readiness")),
                ProbeReport.of(json.getJsonObject("liveness")),
                json.getBoolean("crashLooping"),
                GapReport.of(json.getJsonObject("gaps")));
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("name", name)
                .put("state", state)
                .put("ready", ready)
                .put("pid", pid)
                .put("startedAt", startedAt)
                .put("starts", starts)
                .put("restarts", restarts)
                .put("failurePolicy", failurePolicy)
                .put("lastExit", lastExit == null ? null : lastExit.toJson())
                .put("nextStartAt", nextStartAt)
                .put("readiness", readiness == null ? null : readiness.toJson())
                .put("liveness", liveness == null ? null : liveness.toJson())
                .put("crashLooping", crashLooping)
                .put("gaps", gaps.toJson());
    }
}
