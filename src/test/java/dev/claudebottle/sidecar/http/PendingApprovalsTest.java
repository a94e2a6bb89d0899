package dev.claudebottle.sidecar.http;

import static dev.claudebottle.sidecar.http.GuardServer.OK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PendingApprovalsTest {

    private GuardServer supervise;

    @BeforeEach
    void serve() throws IOException {
        supervise = new GuardServer(OK + "3\n");
    }

    @AfterEach
    void close() throws IOException {
        supervise.close();
    }

    @Test
    void asksSuperviseForTheirNumber() {
        assertThat(PendingApprovals.of(bundle("supervise"))).hasValue(3);
        assertThat(supervise.requests)
                .singleElement()
                .satisfies(
                        request -> assertThat(request).startsWith("GET /approvals/count HTTP/1.1", "Host: 127.0.0.1"));
    }

    @Test
    void asksNoOtherGuard() {
        assertThat(PendingApprovals.of(bundle("egress"))).isEmpty();
        assertThat(supervise.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "3.5", "1234567", "3\n4", "3\n\n", "three"})
    void anyOtherAnswerIsNotKnown(String body) {
        supervise.answer = OK + body;
        assertThat(PendingApprovals.of(bundle("supervise"))).isEmpty();
    }

    @Test
    void ofALongAnswerNothingIsKnown() {
        supervise.answer = OK.replace("\r\n\r\n", "\r\nX: " + "x".repeat(1024) + "\r\n\r\n") + "3\n";
        assertThat(PendingApprovals.of(bundle("supervise"))).isEmpty();
    }

    private BundleState bundle(String daemon) {
        return GuardServer.bundle(daemon, Map.of("SUPERVISE_OPERATOR_PORT", Integer.toString(supervise.port())));
    }
}
