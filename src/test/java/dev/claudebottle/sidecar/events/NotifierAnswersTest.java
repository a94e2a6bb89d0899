package dev.claudebottle.sidecar.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the notifier does on each answer of the receiver. */
class NotifierAnswersTest extends NotifierFixture {

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 599})
    void retriesAfterATemporaryError(int status) throws Exception {
        try (Receiver receiver = Receiver.answering(status, status, 200)) {
            // Given
            notifier = notifier(receiver);

            // When
            offer(1, 2);

            // Then
            awaitRequests(receiver, 4);
            assertThat(receiver.bodies())
                    .containsExactly("{\"number\":1}", "{\"number\":1}", "{\"number\":1}", "{\"number\":2}");
            assertThat(logged).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 304, 307, 400, 401, 403, 404, 407, 451})
    void anyOtherAnswerDropsThatEventWithOneLine(int status) throws Exception {
        try (Receiver receiver = Receiver.answering(status, 202)) {
            // Given
            notifier = notifier(receiver);

            // When
            offer(1, 2);

            // Then: a redirect is not followed
            awaitRequests(receiver, 2);
            assertThat(receiver.bodies()).isEqualTo(numbers(1, 2));
            await().until(() -> logged.equals(
                    List.of("cannot notify " + receiver.url() + " of daemon.exited (egress): it answered " + status)));
            assertThat(notifier.delivery().dropped()).isOne();
        }
    }

    @Test
    void a410EndsNotification() throws Exception {
        try (Receiver receiver = Receiver.answering(200, 410)) {
            // Given
            notifier = notifier(receiver);

            // When
            offer(1, 5);

            // Then
            await().until(() -> logged.equals(List.of(receiver.url() + " answered 410; it will be notified no more")));
            offer(6, 6);
            awaitNoThread();
            assertThat(receiver.bodies()).isEqualTo(numbers(1, 2));
            // the second was refused, and so are all after it, until a stop ends notification anyway
            assertThat(notifier.delivery()).isEqualTo(new Delivery(0, 5));
            notifier.stop();
            offer(7, 7);
            assertThat(notifier.delivery()).isEqualTo(new Delivery(0, 5));
        }
    }

    @Test
    void aRequestThatTimesOutIsRetried() throws Exception {
        try (Receiver receiver = Receiver.answering(Receiver.SILENCE, 204)) {
            // Given
            notifier = notifier(receiver);

            // When
            offer(1, 2);

            // Then
            awaitRequests(receiver, 3);
            assertThat(receiver.bodies()).containsExactly("{\"number\":1}", "{\"number\":1}", "{\"number\":2}");
        }
    }

    @Test
    void anAnswerWhoseBodyNeverEndsCounts() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            // Given
            notifier =
                    started(new Notifier(URI.create("http://127.0.0.1:" + server.getLocalPort()), QUICK, logged::add));
            List<Socket> sockets = new ArrayList<>();

            // When
            offer(1, 2);

            // Then
            List<String> bodies = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Socket socket = server.accept();
                sockets.add(socket);
                bodies.add(readBody(socket.getInputStream()));
                OutputStream out = socket.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nand so on".getBytes());
            }
            assertThat(bodies).isEqualTo(numbers(1, 2));
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void itsLogLinesContainNoSecretOfTheUrl() throws Exception {
        try (Receiver receiver = Receiver.answering(404)) {
            // Given
            URI url = URI.create(receiver.url().toString().replace("http://", "http://me:hunter2@") + "?key=hunter3");
            notifier = started(new Notifier(url, QUICK, logged::add));

            // When
            offer(1, 1);

            // Then
            String shown = receiver.url().toString().replace("http://", "http://***@") + "?***";
            await().until(() ->
                    logged.equals(List.of("cannot notify " + shown + " of daemon.exited (egress): it answered 404")));
            assertThat(receiver.requests.getFirst()).startsWith("POST /events?key=hunter3 ");
        }
    }

    private static String readBody(InputStream in) throws Exception {
        StringBuilder text = new StringBuilder();
        while (text.isEmpty() || text.charAt(text.length() - 1) != '}') {
            text.append((char) in.read());
        }
        return text.substring(text.indexOf("{"));
    }
}
