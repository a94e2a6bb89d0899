package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.probes.Addresses;
import dev.claudebottle.sidecar.probes.SingleRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** POSTs each event on a connection of its own. A request needs one descriptor and no thread (decision 0008). */
final class HttpEventSender implements EventSender {

    /** Finds the receiver's addresses, on the notifier's thread. */
    @FunctionalInterface
    interface Lookup {
        Addresses addresses(String host, Duration timeout) throws IOException;
    }

    private final URI url;
    private final Duration timeout;
    private final Lookup lookup;
    private final RequestTimer timer;

    /** The latest connection; null before there is one. */
    private volatile HttpURLConnection connection;

    HttpEventSender(URI url, Duration timeout) {
        this(url, timeout, Addresses::of);
    }

    HttpEventSender(URI url, Duration timeout, Lookup lookup) {
        this.url = url;
        this.timeout = timeout;
        this.lookup = lookup;
        this.timer = new RequestTimer(timeout);
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
        timer.begin(this::disconnect);
        try {
            Optional<HttpURLConnection> made = connect(event);
            // the timer closes connections; while this one was being made there was nothing to close
            return made.isPresent() && !timer.isOver() ? send(made.get(), event) : OptionalInt.empty();
        } finally {
            timer.end();
            // only the status matters: the body may never end
            disconnect();
        }
    }

    private void disconnect() {
        HttpURLConnection latest = connection;
        if (latest != null) {
            latest.disconnect();
        }
    }

    /**
     * Empty when the receiver refuses or doesn't answer.
     *
     * @throws SocketException when the system refuses, for example for lack of a descriptor
     */
    private Optional<HttpURLConnection> connect(CloudEvent event) throws SocketException {
        try {
            Addresses addresses = lookup.addresses(url.getHost(), timeout);
            return Optional.of(SingleRequest.connect(url, addresses, each -> prepare(each, event)));
        } catch (SocketException cannot) {
            // its subclasses are about the receiver
            if (cannot.getClass() == SocketException.class && !timer.isOver()) {
                throw cannot;
            }
            return Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private OptionalInt send(HttpURLConnection made, CloudEvent event) {
        try {
            try (OutputStream body = made.getOutputStream()) {
                body.write(event.utf8());
            }
            int status = made.getResponseCode();
            // the JDK takes what came of an answer before the connection was closed
            return status == SingleRequest.NO_HTTP || timer.isOver() ? OptionalInt.empty() : OptionalInt.of(status);
        } catch (IOException _) {
            return OptionalInt.empty();
        }
    }

    private void prepare(HttpURLConnection next, CloudEvent event) throws IOException {
        connection = next;
        next.setRequestMethod("POST");
        next.setRequestProperty("Content-Type", "application/cloudevents+json");
        next.setDoOutput(true);
        // with a known length, the JDK doesn't repeat a request by itself
        next.setFixedLengthStreamingMode(event.size());
        next.setReadTimeout((int) timeout.toMillis());
    }
}
