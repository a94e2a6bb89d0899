package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Probe;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Passes when a GET is answered with a status of 200 to 399. It uses {@link HttpURLConnection}, which closes the connection
 * after each answer and which, on a virtual thread, an interrupt ends. The newer HttpClient keeps the connection open,
 * which occupies a single-threaded server, and has a thread that wakes up every three seconds.
 */
record HttpCheck(Probe.Target.Http target, Duration timeout, Lookup lookup) implements ProbeCheck {

    private static final int MIN_FAILURE = 400;
    private static final int MIN_SUCCESS = 200;

    /** How much of the body is read, so that most servers can complete their answer. */
    private static final int MAX_BODY = 10 * 1024;

    @Override
    public Optional<String> check() throws IOException, InterruptedException {
        HttpURLConnection connection = connect();
        try {
            int code = connection.getResponseCode();
            if (code == SingleRequest.NO_HTTP) {
                return Optional.of("not an HTTP answer");
            }
            readBody(code < MIN_FAILURE ? connection.getInputStream() : connection.getErrorStream());
            return code >= MIN_SUCCESS && code < MIN_FAILURE ? Optional.empty() : Optional.of("HTTP " + code);
        } finally {
            connection.disconnect();
        }
    }

    private HttpURLConnection connect() throws IOException, InterruptedException {
        URI first = target.proxy().orElse(target.url());
        Addresses addresses = new Addresses(lookup.addresses(first.getHost()), timeout, true);
        return target.proxy().isPresent()
                ? SingleRequest.connectThrough(first, target.url(), addresses)
                : SingleRequest.connect(target.url(), addresses, _ -> {});
    }

    private static void readBody(InputStream body) throws IOException {
        if (body != null) {
            body.readNBytes(MAX_BODY);
        }
    }
}
