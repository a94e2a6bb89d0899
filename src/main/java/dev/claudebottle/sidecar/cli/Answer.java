package dev.claudebottle.sidecar.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.DisplayUrl;
import dev.claudebottle.sidecar.http.Ascii;
import dev.claudebottle.sidecar.probes.Addresses;
import dev.claudebottle.sidecar.probes.SingleRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;

/**
 * What a server says to a request of ours: a supervisor, or any other. By {@link HttpURLConnection}, because HttpClient would take 12 MB more
 * of the bundle's memory.
 *
 * @param body in pieces, as they come
 */
record Answer(String contentType, BufferedReader body) implements AutoCloseable {

    /** The exit code when there is none. */
    static final int NO_ANSWER = 3;

    /** For each step of a request, and for what a server has to send at once. */
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static final int MISDIRECTED = 421;

    /** More than the status of a thousand daemons has, or an event. */
    private static final int MOST_CHARS = 4 * 1024 * 1024;

    /**
     * Sends a request.
     *
     * @param silence how long the server may say nothing
     * @throws IOException when there is no answer of 200
     */
    static Answer get(URI url, Duration silence, Map<String, String> headers) throws IOException {
        HttpURLConnection connection = SingleRequest.connect(url, Addresses.of(url.getHost(), TIMEOUT), each -> {
            each.setReadTimeout((int) silence.toMillis());
            headers.forEach(each::setRequestProperty);
        });
        int code = connection.getResponseCode();
        if (code != HttpURLConnection.HTTP_OK) {
            connection.disconnect();
            throw new IOException(other(code));
        }
        String type = connection.getContentType();
        return new Answer(
                type == null ? "" : type,
                new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8)));
    }

    private static String other(int code) {
        return switch (code) {
            case SingleRequest.NO_HTTP -> "not an HTTP answer";
            case MISDIRECTED -> "the answer is 421 for this host; ask by an address or localhost";
            default -> "the answer is " + code;
        };
    }

    /** The whole body. */
    String text() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = body.read(); c >= 0; c = body.read()) {
            append(text, c);
        }
        return text.toString();
    }

    /** The next line without its end; null at the end of the body. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int c = body.read();
        if (c < 0) {
            return null;
        }
        for (; c >= 0 && c != '\n'; c = body.read()) {
            append(line, c);
        }
        return line.toString();
    }

    private static void append(StringBuilder text, int c) throws IOException {
        if (text.length() == MOST_CHARS) {
            throw new IOException("the answer is too long");
        }
        text.append((char) c);
    }

    /** Why there is none, in one line that names no user. */
    static String failure(URI url, Exception failure) {
        String cause = switch (failure) {
            case UnknownHostException _ -> "Unknown host";
            case SocketTimeoutException _ -> "no answer within " + TIMEOUT.toSeconds() + " s";
            default -> failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        };
        return Ascii.line("cannot get " + DisplayUrl.of(url) + ": " + cause);
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
