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
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks {@code supervise}, while it is ready, how many requests for approval wait for the operator (decision 0029). */
final class PendingApprovals {

    /** From the connection to the last byte: whatever supervise does, the metrics come. */
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private static final String DAEMON = "supervise";
    private static final String PORT = "SUPERVISE_OPERATOR_PORT";
    private static final String DEFAULT_PORT = "9100";
    private static final int MAX_ANSWER = 1024;
    private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.1 200 .*\r\n\r\n(\\d{1,6})\n?", Pattern.DOTALL);

    private PendingApprovals() {}

    /** Empty without such a daemon, and when it does not answer. */
    static OptionalInt of(BundleState state) {
        return state.daemons().stream()
                .filter(daemon -> daemon.name().equals(DAEMON) && daemon.ready())
                .map(DaemonStatus::daemon)
                .mapToInt(PendingApprovals::ask)
                .filter(count -> count >= 0)
                .findFirst();
    }

    private static int ask(Daemon daemon) {
        try {
            return ask(Integer.parseInt(daemon.environment().getOrDefault(PORT, DEFAULT_PORT)));
        } catch (IOException | IllegalArgumentException unknown) {
            return -1;
        }
    }

    /** By a socket, because only so the deadline holds for the whole answer without another thread. */
    private static int ask(int port) throws IOException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        try (Socket socket = new Socket(Proxy.NO_PROXY)) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), left(deadline));
            socket.getOutputStream()
                    .write(("GET /approvals/count HTTP/1.1\r\nHost: 127.0.0.1:" + port
                                    + "\r\nConnection: close\r\n\r\n")
                            .getBytes(US_ASCII));
            Matcher answer = ANSWER.matcher(read(socket, deadline));
            return answer.matches() ? Integer.parseInt(answer.group(1)) : -1;
        }
    }

    private static String read(Socket socket, long deadline) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] answer = new byte[MAX_ANSWER];
        int length = 0;
        int read = 0;
        while (read >= 0 && length < MAX_ANSWER) {
            length += read;
            socket.setSoTimeout(left(deadline));
            read = in.read(answer, length, MAX_ANSWER - length);
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
