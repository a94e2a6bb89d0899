package dev.claudebottle.sidecar.http;

import static dev.claudebottle.sidecar.http.GuardServer.OK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgressCredentialTest {

    private GuardServer egress;

    @BeforeEach
    void serve() throws IOException {
        egress = new GuardServer(OK + "api.anthropic.com 1 3 0\napi.example.com:8443 0 0 12\n");
    }

    @AfterEach
    void close() throws IOException {
        egress.close();
    }

    @Test
    void asksEgressForEachHost() {
        assertThat(EgressCredential.of(bundle("egress")))
                .containsExactly(
                        new EgressCredential("api.anthropic.com", true, 3, 0),
                        new EgressCredential("api.example.com:8443", false, 0, 12));
        assertThat(egress.requests)
                .singleElement()
                .satisfies(request -> assertThat(request)
                        .containsExactly(
                                "GET http://egress.health/credentials HTTP/1.1",
                                "Host: egress.health",
                                "Connection: close"));
    }

    @Test
    void asksNoOtherGuard() {
        assertThat(EgressCredential.of(bundle("supervise"))).isEmpty();
        assertThat(egress.requests).isEmpty();
    }

    /** As mitmproxy answers. */
    @Test
    void withoutCredentialsThereAreNone() {
        egress.answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\ncontent-length: 0\r\n\r\n";
        assertThat(EgressCredential.of(bundle("egress"))).isEmpty();
    }

    @Test
    void anEgressThatKnowsNoCredentialsHasNone() {
        egress.answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 24\r\n\r\napi.anthropic.com 1 3 0\n";
        assertThat(EgressCredential.of(bundle("egress"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost 1 0 0\n",
                "API.Example.com 1 0 0\n",
                "_a-b.example_ 1 0 0\n",
                "example.com:1 0 0 0\n",
                "example.com 1 999999999999999 999999999999999\n",
            })
    void takesEachNameAndNumber(String body) {
        egress.answer = OK + body;
        assertThat(EgressCredential.of(bundle("egress"))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "ok\n",
                "example.com 1 0 0",
                "example.com 1 0\n",
                "example.com 1 0 0 0\n",
                "example.com 2 0 0\n",
                "example.com true 0 0\n",
                "example.com 1 -1 0\n",
                "example.com 1 0 1.5\n",
                "example.com 1 1e3 0\n",
                "example.com 1 9999999999999999 0\n",
                "example.com  1 0 0\n",
                "example.com\t1\t0\t0\n",
                "example.com 1 0 0 \n",
                "example.com 1 0 0\r\n",
                " 1 0 0\n",
                "\"example.com 1 0 0\n",
                "*.example.com 1 0 0\n",
                "example.com: 1 0 0\n",
                "example.com:443443 1 0 0\n",
                "example.com/path 1 0 0\n",
                "ex\u00e4mple.com 1 0 0\n",
                "\nexample.com 1 0 0\n",
                "example.com 1 0 0\n\n",
                "example.com 1 0 0\n\nexample.org 1 0 0\n",
                "example.com 1 0 0\nexample.org",
                "example.com 1 0 0\nexample.com 1 0 0\n",
            })
    void ofAMalformedAnswerNothingIsKnown(String body) {
        egress.answer = OK + body;
        assertThat(EgressCredential.of(bundle("egress"))).isEmpty();
    }

    @Test
    void ofManyHostsAllAreKnownAndOfMoreThan64KibNone() {
        egress.answer = OK + lines(1000);
        assertThat(EgressCredential.of(bundle("egress"))).hasSize(1000);
        egress.answer = OK + lines(5000);
        assertThat(EgressCredential.of(bundle("egress"))).isEmpty();
    }

    private static String lines(int hosts) {
        return IntStream.range(0, hosts)
                .mapToObj(number -> "host%d.example 1 0 0\n".formatted(number))
                .collect(Collectors.joining());
    }

    private BundleState bundle(String daemon) {
        return GuardServer.bundle(daemon, Map.of("EGRESS_PORT", Integer.toString(egress.port())));
    }
}
