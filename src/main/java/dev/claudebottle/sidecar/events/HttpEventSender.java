package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.probes.SingleRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.OptionalInt;

/** POSTs each event on a connection of its own. A request needs one descriptor and no thread (decision 0008). */
final class HttpEventSender implements EventSender {

    private final URI url;
    private final RequestTimer timer;
    private final int timeoutMillis;

    HttpEventSender(URI url, Duration timeout) {
        this.url = url;
        this.timer = new RequestTimer(timeout);
        this.timeoutMillis = (int) timeout.toMillis();
    }

    @Override
    public void start() {
        timer.start();
    }

    @Override
    public void stop() {
        timer.stop();
    }

    @Override
    public OptionalInt post(CloudEvent event) throws IOException {
        HttpURLConnection connection = open(event);
        timer.begin(connection::disconnect);
        try {
            // the timer closes connections; while this one was being made there was nothing to close
            return connect(connection) && !timer.isOver() ? send(connection, event) : OptionalInt.empty();
        } finally {
            timer.end();
            // only the status matters: the body may never end
            connection.disconnect();
        }
    }

    /**
     * Returns false when the receiver refuses or doesn't answer.
     *
     * @throws SocketException when the system refuses, for example for lack of a descriptor
     */
    private boolean connect(HttpURLConnection connection) throws SocketException {
        try {
            connection.connect();
            return true;
        } catch (SocketException cannot) {
            // its subclasses are about the receiver
            if (cannot.getClass() == SocketException.class && !timer.isOver()) {
                throw cannot;
            }
            return false;
        } catch (IOException _) {
            return false;
        }
    }

    private OptionalInt send(HttpURLConnection connection, CloudEvent event) {
        try {
            try (OutputStream body = connection.getOutputStream()) {
                body.write(event.utf8());
            }
            int status = connection.getResponseCode();
            // the JDK takes what came of an answer before the connection was closed
            return status == SingleRequest.NO_HTTP || timer.isOver() ? OptionalInt.empty() : OptionalInt.of(status);
        } catch (IOException _) {
            return OptionalInt.empty();
        }
    }

    private HttpURLConnection open(CloudEvent event) throws IOException {
        // no proxy: one from system properties would be a guard, which may be the daemon that died
        HttpURLConnection connection = SingleRequest.open(url, Proxy.NO_PROXY);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/cloudevents+json");
        connection.setDoOutput(true);
        // with a known length, the JDK doesn't repeat a request by itself
        connection.setFixedLengthStreamingMode(event.size());
        connection.setConnectTimeout(timeoutMillis);
        connection.setReadTimeout(timeoutMillis);
        return connection;
    }
}
