package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusReportTest {

    @Test
    void whatIsReadIsWhatWasWritten() {
        // Given
        FakeSupervisor supervisor = new FakeSupervisor();
        supervisor.allStarted();
        supervisor.exited("egress", 1);
        supervisor.killed("pipelock", Signal.KILL, true);
        supervisor.probed("git-gate", ProbeKind.READINESS, Optional.of("HTTP 502"));
        supervisor.happened(new Event.StopRequested(Signal.TERM));
        StatusReport written = StatusReport.of(supervisor);
        // When
        StatusReport read = StatusReport.parse(written.toJson().encode());
        // Then
        assertThat(read).isEqualTo(written);
    }

    @Test
    void theExampleOfTheContractCanBeRead() {
        // Given
        String example = """
                {"state":"running","ready":false,"failurePolicy":"leave","pid":1,"startedAt":"2026-11-22T15:00:00.123Z",
                 "uptimeSeconds":12.3,"orphansReaped":3,"adopted":2,
                 "daemons":[{"name":"egress","state":"exited","ready":false,"pid":null,"startedAt":null,"starts":1,
                   "restarts":0,"failurePolicy":"leave","lastExit":{"code":1,"signal":null,"reason":"exit",
                   "at":"2026-11-22T15:00:10.456Z","error":null,"oomKilled":null},"nextStartAt":null,
                   "readiness":{"passed":false,"failure":"HTTP 502","at":"2026-11-22T15:00:12.000Z"},"liveness":null,
                   "crashLooping":false,"gaps":{"open":true,"count":1,"seconds":1.8,"plannedSeconds":0.0}}]}
                """;
        // When
        String written = StatusReport.parse(example).toJson().encode();
        // Then
        assertThat(written).isEqualTo(example.replaceAll("\\n *", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "<html>",
                "{\"daemons\":3}",
                "{\"daemons\":[],\"uptimeSeconds\":\"x\"}",
                "{\"ready\":true,\"pid\":1,\"uptimeSeconds\":1e999,\"orphansReaped\":0,\"adopted\":0,\"daemons\":[]}",
                "{\"ready\":true,\"pid\":1,\"uptimeSeconds\":1,\"orphansReaped\":0,\"adopted\":0,\"daemons\":[7]}",
                "{\"ready\":true,\"pid\":1,\"uptimeSeconds\":1,\"orphansReaped\":0,\"adopted\":0,\"daemons\":[{}]}",
                "{\"ready\":true,\"pid\":1,\"uptimeSeconds\":1,\"orphansReaped\":0,\"adopted\":0,\"daemons\":[null]}",
            })
    void anythingElseIsRefused(String answer) {
        assertThatThrownBy(() -> StatusReport.parse(answer))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage("not the status of a bundle");
    }
}
