package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;

/** One connection to the web server, over which a test sends what it likes. */
final class RawClient implements AutoCloseable {

    /** Longer than a slow machine takes, shorter than the web server keeps an idle connection (30 s). */
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    RawClient(Program program) throws IOException {
        this(program.http.port());
    }

    RawClient(int port) throws IOException {
        this("127.0.0.1", port);
    }

    RawClient(String address, int port) throws IOException {
        socket = new Socket(address, port);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    static String request(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    /** An answer to {@link #request}, up to the end of its head. */
    String head() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int read = in.read();
            if (read < 0) {
                throw new IOException("closed after " + head);
            }
            head.append((char) read);
        }
        return head.toString();
    }

    /** Of the answer to a request with this target and header Host. */
    String statusLine(String target, String host) throws IOException {
        send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        return head().lines().findFirst().orElseThrow();
    }

    /** Of the answer to a request with this method, target and header Host. */
    int status(String method, String target, String host) throws IOException {
        send(method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        return Integer.parseInt(head().split(" ")[1]);
    }

    /** Reads until the other end closes the connection. */
    void awaitClose() throws IOException {
        long begin = System.nanoTime();
        try {
            while (socket.getInputStream().read() >= 0) {
                if (System.nanoTime() - begin > PATIENCE_MILLIS * 1_000_000L) {
                    throw new AssertionError("the connection is still open");
                }
            }
        } catch (SocketException reset) {
            // closed too: it had not read everything that has been sent
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
