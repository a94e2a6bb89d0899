package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DaemonQueryTest {

    private static final int MOST = 1024;

    private GuardServer server;

    @BeforeEach
    void serve() throws IOException {
        server = new GuardServer(GuardServer.OK + "fine\n");
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void asksTheDaemonAtThePortOfItsEnvironment() {
        assertThat(ask()).hasValue("fine\n");
        assertThat(server.requests)
                .singleElement()
                .satisfies(request -> assertThat(request)
                        .containsExactly("GET /numbers HTTP/1.1", "Host: example.test", "Connection: close"));
    }

    @Test
    void withoutThatVariableItAsksAtTheDefault() {
        DaemonQuery query = new DaemonQuery("guard", "OTHER", server.port(), "/numbers", "example.test", MOST);
        assertThat(query.ask(bundle("guard", true))).hasValue("fine\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "65536", "0"})
    void aPortThatIsNoneIsAskedNothing(String port) {
        assertThat(query().ask(GuardServer.bundle("guard", Map.of("PORT", port))))
                .isEmpty();
    }

    @Test
    void asksNobodyWithoutADaemonOfThatName() {
        assertThat(query().ask(bundle("other", true))).isEmpty();
        assertThat(server.requests).isEmpty();
    }

    @Test
    void asksNobodyWhileItIsNotReady() {
        assertThat(query().ask(bundle("guard", false))).isEmpty();
        assertThat(server.requests).isEmpty();
    }

    @Test
    void theBodyMayBeEmpty() {
        server.answer = GuardServer.OK;
        assertThat(ask()).hasValue("");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "fine\n",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nfine\n",
                "HTTP/1.1 2000\r\n\r\nfine\n",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\nfine\n",
                "HTTP/1.1 403 Forbidden\r\n\r\nfine\n",
                "HTTP/1.1 404 Not Found\r\n\r\nfine\n",
                " HTTP/1.1 200 OK\r\n\r\nfine\n",
            })
    void whatIsNoAnswer200IsNotKnown(String other) {
        server.answer = other;
        assertThat(ask()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5", "content-length:5", "Server: x\r\nCONTENT-LENGTH:  5 \r\nVia: y"})
    void aBodyOfTheLengthThatTheHeadNamesIsKnown(String headers) {
        server.answer = "HTTP/1.1 200 OK\r\n" + headers + "\r\n\r\nfine\n";
        assertThat(ask()).hasValue("fine\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 6", "content-length: 4", "Content-Length: x", "Content-Length:"})
    void aBodyOfAnotherLengthIsNotKnown(String headers) {
        server.answer = "HTTP/1.1 200 OK\r\n" + headers + "\r\n\r\nfine\n";
        assertThat(ask()).isEmpty();
    }

    @Test
    void anAnswerThatIsAsLongAsItMayBeIsKnown() {
        String body = "3".repeat(MOST - GuardServer.OK.length());
        server.answer = GuardServer.OK + body;
        assertThat(ask()).hasValue(body);
    }

    @Test
    void aLongerOneIsNot() {
        server.answer = GuardServer.OK + "3".repeat(MOST - GuardServer.OK.length() + 1);
        assertThat(ask()).isEmpty();
    }

    @Test
    void anAnswerWithoutEndIsNotKnown() {
        server.endless = true;
        assertThat(ask()).isEmpty();
    }

    @Test
    void aDaemonThatHangsIsNotWaitedForLong() {
        server.answer = null;
        assertThat(ask()).isEmpty();
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void aDaemonThatDoesNotListenIsNotKnown() throws IOException {
        try (Socket bound = new Socket()) {
            bound.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            Map<String, String> environment = Map.of("PORT", Integer.toString(bound.getLocalPort()));
            assertThat(query().ask(GuardServer.bundle("guard", environment))).isEmpty();
        }
    }

    private Optional<String> ask() {
        return query().ask(bundle("guard", true));
    }

    private static DaemonQuery query() {
        return new DaemonQuery("guard", "PORT", 1, "/numbers", "example.test", MOST);
    }

    private BundleState bundle(String daemon, boolean ready) {
        return GuardServer.bundle(daemon, Map.of("PORT", Integer.toString(server.port())), ready);
    }
}
