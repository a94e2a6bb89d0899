package dev.claudebottle.sidecar.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One GET to a daemon of the image, on 127.0.0.1, for what it alone knows (decision 0029).
 *
 * @param daemon its name
 * @param portVariable names its port, in its environment
 * @param target as the request has it
 * @param host the request's Host
 * @param maxAnswer bytes; a longer answer does not count
 */
record DaemonQuery(String daemon, String portVariable, int defaultPort, String target, String host, int maxAnswer) {

    /** From the connection to the last byte: whatever the daemon does, the metrics come. */
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private static final String OK = "HTTP/1.1 200 ";
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Pattern CONTENT_LENGTH =
            Pattern.compile("\r\ncontent-length:([^\r]*)", Pattern.CASE_INSENSITIVE);

    /** The body of its answer. Empty without such a daemon, while it is not ready, and when it does not answer 200. */
    Optional<String> ask(BundleState state) {
        return state.daemons().stream()
                .filter(status -> status.name().equals(daemon) && status.ready())
                .map(DaemonStatus::daemon)
                .findFirst()
                .flatMap(this::ask);
    }

    private Optional<String> ask(Daemon ready) {
        try {
            String port = ready.environment().getOrDefault(portVariable, Integer.toString(defaultPort));
            return body(answer(Integer.parseInt(port)));
        } catch (IOException | IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    private static Optional<String> body(String answer) {
        int end = answer.indexOf(END_OF_HEAD);
        if (end < 0 || !answer.startsWith(OK)) {
            return Optional.empty();
        }
        String body = answer.substring(end + END_OF_HEAD.length());
        Matcher length = CONTENT_LENGTH.matcher(answer).region(0, end);
        boolean whole = !length.find() || length.group(1).strip().equals(Integer.toString(body.length()));
        return whole ? Optional.of(body) : Optional.empty();
    }

    /** By a socket, because only so the deadline holds for the whole answer without another thread. */
    private String answer(int port) throws IOException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        try (Socket socket = new Socket(Proxy.NO_PROXY)) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), left(deadline));
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(US_ASCII));
            return read(socket, deadline);
        }
    }

    private String read(Socket socket, long deadline) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] answer = new byte[maxAnswer + 1];
        int length = 0;
        int read = 0;
        while (read >= 0) {
            length += read;
            if (length > maxAnswer) {
                throw new IOException("the answer is longer than " + maxAnswer + " bytes");
            }
            socket.setSoTimeout(left(deadline));
            read = in.read(answer, length, answer.length - length);
        }
        return new String(answer, 0, length, US_ASCII);
    }

    private static int left(long deadline) throws SocketTimeoutException {
        long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        if (millis <= 0) {
            throw new SocketTimeoutException("no answer within " + TIMEOUT.toSeconds() + " s");
        }
        return (int) millis;
    }
}
