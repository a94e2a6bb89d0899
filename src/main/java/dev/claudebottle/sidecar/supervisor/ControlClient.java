package dev.claudebottle.sidecar.supervisor;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.UnixSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A connection to the control socket. It has one request, {@code restart NAME} and a newline. The answer is {@code accepted}, unless it is
 * refused, and at the end the exit code of the command and a text; each is a line. Used by the thread of the socket.
 */
final class ControlClient {

    private static final String REQUEST = "restart ";

    /** In bytes: no daemon's name is near that. */
    private static final int MAX_REQUEST = 512;

    private static final Duration REQUEST_TIME = Duration.ofSeconds(2);

    private final int connection;
    private final long since;
    private final Consumer<RestartRequest> ask;
    private final StringBuilder read = new StringBuilder();

    /** Null until it has asked. */
    private RestartRequest request;

    private boolean acceptanceSent;

    ControlClient(int connection, long now, Consumer<RestartRequest> ask) {
        this.connection = connection;
        this.since = now;
        this.ask = ask;
    }

    /** Another user's. */
    static void refuse(int connection) {
        send(
                connection,
                new RestartRequest.Answer(
                        RestartRequest.Answer.FAILED, "only root and the user of Sidecar Init may restart a daemon"));
        Descriptors.close(connection);
    }

    int connection() {
        return connection;
    }

    boolean isAsking() {
        return request == null;
    }

    long deadline(BundleState state) {
        return isAsking() ? since + REQUEST_TIME.toNanos() : request.deadline(state);
    }

    /**
     * Goes on as far as it can.
     *
     * @param ready it has sent something, or gone
     * @return whether it is over, and closed
     */
    boolean isOver(boolean ready, BundleState state, long now) {
        boolean over = isAsking()
                ? ready ? !readRequest(state, now) : now - deadline(state) >= 0
                : ready || answer(state, now);
        if (over) {
            Descriptors.close(connection);
        }
        return over;
    }

    /** @return whether there is something to wait for */
    private boolean readRequest(BundleState state, long now) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_REQUEST);
            long length = Descriptors.read(connection, buffer);
            if (length <= 0) {
                return length == -Descriptors.EAGAIN;
            }
            byte[] bytes = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            read.append(new String(bytes, US_ASCII));
        }
        int end = read.indexOf("\n");
        if (end < 0 && read.length() < MAX_REQUEST) {
            return true;
        }
        String line = end < 0 ? "" : read.substring(0, end);
        if (!line.startsWith(REQUEST)) {
            send(new RestartRequest.Answer(RestartRequest.Answer.USAGE, "expected: restart NAME"));
            return false;
        }
        return ask(line.substring(REQUEST.length()), state, now);
    }

    private boolean ask(String daemon, BundleState state, long now) {
        if (state.daemons().stream().noneMatch(each -> each.name().equals(daemon))) {
            String names = String.join(
                    ", ", state.daemons().stream().map(DaemonStatus::name).toList());
            // the name is not repeated: it may be anything
            send(new RestartRequest.Answer(RestartRequest.Answer.USAGE, "no daemon has this name; expected " + names));
            return false;
        }
        request = new RestartRequest(daemon, now);
        ask.accept(request);
        return true;
    }

    private boolean answer(BundleState state, long now) {
        if (request.isAccepted() && !acceptanceSent) {
            acceptanceSent = true;
            UnixSocket.send(connection, "accepted\n");
        }
        Optional<RestartRequest.Answer> answer = request.answer(state, now);
        answer.ifPresent(this::send);
        return answer.isPresent();
    }

    private void send(RestartRequest.Answer answer) {
        send(connection, answer);
    }

    private static void send(int connection, RestartRequest.Answer answer) {
        UnixSocket.send(connection, answer.code() + " " + answer.text() + "\n");
    }
}
