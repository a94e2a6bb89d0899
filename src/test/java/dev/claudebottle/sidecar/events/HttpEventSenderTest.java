package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One request of the notifier. */
class HttpEventSenderTest {

    private static final CloudEvent EVENT = EventLogTest.event(1);

    private EventSender sender;

    @AfterEach
    void stop() {
        sender.stop();
    }

    @Test
    void returnsTheStatus() throws Exception {
        try (Receiver receiver = Receiver.answering(418)) {
            sender(receiver.url(), Duration.ofSeconds(20));
            assertThat(sender.post(EVENT)).hasValue(418);
            assertThat(sender.post(EVENT)).hasValue(204);
        }
    }

    @Test
    void aReceiverThatIsDownIsNoError() throws Exception {
        try (Receiver receiver = Receiver.down()) {
            assertThat(sender(receiver.url(), Duration.ofSeconds(20)).post(EVENT))
                    .isEmpty();
        }
    }

    @Test
    void theReceiverMayListenOnAnyAddressOfItsName() throws Exception {
        // Given
        try (Receiver receiver = onIpv6(0, 204)) {
            URI url = URI.create("http://localhost:" + receiver.port() + "/events");

            // When / Then
            assertThat(sender(url, Duration.ofSeconds(20)).post(EVENT)).hasValue(204);
            assertThat(receiver.headers).containsExactly("localhost:" + receiver.port() + " null");
        }
    }

    @Test
    void thePostGoesToTheFirstAddressThatAcceptsWhateverItsAnswer() throws Exception {
        // Given
        try (Receiver first = Receiver.answering(503, 503);
                Receiver second = onIpv6(first.port(), 204)) {
            URI url = URI.create("http://localhost:" + first.port() + "/events");

            // When / Then
            assertThat(sender(url, Duration.ofSeconds(20)).post(EVENT)).hasValue(503);
            assertThat(first.requests).hasSize(1);
            assertThat(second.requests).isEmpty();
        }
    }

    @Test
    void aNameWhoseAddressesAllRefuseIsNoError() throws Exception {
        try (Receiver receiver = Receiver.down()) {
            URI url = URI.create("http://localhost:" + receiver.port() + "/events");
            assertThat(sender(url, Duration.ofSeconds(20)).post(EVENT)).isEmpty();
        }
    }

    @Test
    void theUserOfTheUrlIsSentAsBasicAuthentication() throws Exception {
        // Given
        try (Receiver receiver = Receiver.answering(204, 401)) {
            URI url = URI.create("http://us%C3%A9r:p%40ss@127.0.0.1:" + receiver.port() + "/events");
            String credentials = Base64.getEncoder().encodeToString("us\u00e9r:p@ss".getBytes(UTF_8));

            // When / Then
            assertThat(sender(url, Duration.ofSeconds(20)).post(EVENT)).hasValue(204);
            assertThat(receiver.headers).containsExactly("127.0.0.1:" + receiver.port() + " Basic " + credentials);
            assertThat(sender.post(EVENT)).hasValue(401);
            assertThat(receiver.requests).hasSize(2);
        }
    }

    @Test
    void anAnswerThatIsNotHttpIsNone() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> write(server, "SSH-2.0-x\r\n\r\n", Duration.ZERO, 1));
            assertThat(sender(url(server), Duration.ofSeconds(20)).post(EVENT)).isEmpty();
        }
    }

    /** Each byte comes in time; without the timer, the answer would come after a minute. */
    @Test
    @Timeout(value = 40, unit = TimeUnit.SECONDS)
    void aReceiverThatDripsItsAnswerIsGivenUp() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // Given
            Thread.ofVirtual().start(() -> write(server, "HTTP/1.1 200 OK\r\nX: ", Duration.ofMillis(50), 1200));

            // When
            OptionalInt status = sender(url(server), Duration.ofMillis(300)).post(EVENT);

            // Then
            assertThat(status).isEmpty();
        }
    }

    @Test
    void afterAStopNothingIsPosted() throws Exception {
        try (Receiver receiver = Receiver.answering()) {
            // Given
            sender(receiver.url(), Duration.ofSeconds(20));

            // When
            sender.stop();

            // Then
            assertThat(sender.post(EVENT)).isEmpty();
            assertThat(receiver.requests).isEmpty();
        }
    }

    /** @param port 0: any that is free */
    private static Receiver onIpv6(int port, Integer... statuses) throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("::1");
        int free;
        try (ServerSocket any = new ServerSocket(port, 1, loopback)) {
            free = any.getLocalPort();
        } catch (IOException none) {
            assumeTrue(false, "this machine has no address ::1");
            throw none;
        }
        return Receiver.at(loopback, free, statuses);
    }

    private EventSender sender(URI url, Duration timeout) {
        sender = new HttpEventSender(url, timeout);
        sender.start();
        return sender;
    }

    private static URI url(ServerSocket server) {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/events");
    }

    /** Answers one request with a text, and then with so many more letters, each after a wait. */
    private static void write(ServerSocket server, String text, Duration wait, int letters) {
        try (Socket socket = server.accept();
                OutputStream out = socket.getOutputStream()) {
            out.write(text.getBytes(US_ASCII));
            for (int i = 0; i < letters; i++) {
                Thread.sleep(wait);
                out.write('x');
            }
            out.write("\r\n\r\n".getBytes(US_ASCII));
        } catch (IOException | InterruptedException closed) {
            // by the sender or by the end of the test
        }
    }
}
