package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What guards tell; MetricsRouteTest has the rest. */
class MetricsTest {

    @Test
    void showsEachHostsCredential() throws IOException {
        assertThat(lines(List.of(
                        new EgressCredential("api.anthropic.com", true, 3, 0),
                        new EgressCredential("api.example.com:8443", false, 0, 12))))
                .containsSubsequence(
                        "# TYPE sidecar_credential_available gauge",
                        "sidecar_credential_available{host=\"api.anthropic.com\",} 1.0",
                        "sidecar_credential_available{host=\"api.example.com:8443\",} 0.0",
                        "# TYPE sidecar_credential_rejections_total counter",
                        "sidecar_credential_rejections_total{host=\"api.anthropic.com\",status=\"401\",} 3.0",
                        "sidecar_credential_rejections_total{host=\"api.anthropic.com\",status=\"403\",} 0.0",
                        "sidecar_credential_rejections_total{host=\"api.example.com:8443\",status=\"401\",} 0.0",
                        "sidecar_credential_rejections_total{host=\"api.example.com:8443\",status=\"403\",} 12.0");
    }

    @Test
    void hasNoFamilyWithoutCredentials() throws IOException {
        assertThat(lines(List.of())).isNotEmpty().noneMatch(line -> line.contains("sidecar_credential"));
    }

    private static List<String> lines(List<EgressCredential> credentials) throws IOException {
        FakeSupervisor supervisor = new FakeSupervisor();
        StringWriter text = new StringWriter();
        TextFormat.write004(
                text,
                Collections.enumeration(Metrics.of(
                        supervisor, supervisor.state(), "1.0", new DaemonUsage(), OptionalInt.empty(), credentials)));
        return text.toString().lines().toList();
    }
}
