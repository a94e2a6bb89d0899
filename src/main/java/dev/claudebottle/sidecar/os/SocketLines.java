package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** The lines that a server on a Unix socket answers with. */
public final class SocketLines implements AutoCloseable {

    /** In bytes. */
    private static final int MAX_LENGTH = 4096;

    private final int connection;

    private SocketLines(int connection) {
        this.connection = connection;
    }

    public static SocketLines connect(String path) throws IOException {
        return new SocketLines(UnixSocket.connect(path));
    }

    public void send(String line) {
        UnixSocket.send(connection, line + "\n");
    }

    /** However long that takes. */
    public String next() throws IOException {
        return read(OptionalLong.empty()).orElseThrow();
    }

    /** Empty: none came in this time. */
    public Optional<String> next(Duration timeout) throws IOException {
        return read(OptionalLong.of(System.nanoTime() + timeout.toNanos()));
    }

    /** Byte by byte: the next line may be there already, and no line is long. */
    private Optional<String> read(OptionalLong deadline) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment next = arena.allocate(1);
            while (line.size() < MAX_LENGTH) {
                long length = Descriptors.read(connection, next);
                if (length == -Descriptors.EAGAIN) {
                    if (!await(deadline)) {
                        return Optional.empty();
                    }
                } else if (length < 0) {
                    throw new IOException(Libc.message((int) -length));
                } else if (length == 0) {
                    throw new IOException("the connection has ended");
                } else if (next.get(JAVA_BYTE, 0) == '\n') {
                    return Optional.of(line.toString(UTF_8));
                } else {
                    line.write(next.get(JAVA_BYTE, 0));
                }
            }
            throw new IOException("the answer is too long");
        }
    }

    /** Waits until there is something to read; false: not before the deadline. */
    private boolean await(OptionalLong deadline) {
        long left = deadline.isPresent() ? (deadline.getAsLong() - System.nanoTime()) / 1_000_000 : -1;
        if (deadline.isPresent() && left <= 0) {
            return false;
        }
        Descriptors.await(connection, PollSet.POLLIN, (int) left);
        return true;
    }

    @Override
    public void close() {
        Descriptors.close(connection);
    }
}
