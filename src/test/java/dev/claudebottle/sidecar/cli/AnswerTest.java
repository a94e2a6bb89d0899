package dev.claudebottle.sidecar.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTest {

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 302 Found, the answer is 302",
        "HTTP/1.1 404 Not Found, the answer is 404",
        "HTTP/1.1 421 Misdirected Request, the answer is 421 for this host; ask by an address or localhost",
        "SSH-2.0-OpenSSH, not an HTTP answer"
    })
    void anyOtherAnswerIsAFailureAndLeavesNoConnection(String status, String cause) throws Exception {
        // Given: a server that waits for the client to close
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> closed =
                    CompletableFuture.runAsync(() -> answer(server, status + "\r\nContent-Length: 9\r\n\r\n"));

            // When / Then
            URI url = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/status");
            assertThatThrownBy(() -> Answer.get(url, Answer.TIMEOUT, Map.of())).hasMessage(cause);
            assertThat(closed).succeedsWithin(20, SECONDS);
        }
    }

    private static void answer(ServerSocket server, String head) {
        try (Socket client = server.accept()) {
            client.getOutputStream().write(head.getBytes(US_ASCII));
            client.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
