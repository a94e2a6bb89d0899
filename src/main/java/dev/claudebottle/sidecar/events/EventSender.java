package dev.claudebottle.sidecar.events;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.OptionalInt;

/** Posts one event at a time to the receiver. Used by one thread. */
final class EventSender implements AutoCloseable {

    private final URI url;
    private final Duration timeout;

    /** Null while idle, because the client's threads wake up every few seconds even then. */
    private HttpClient client;

    EventSender(URI url, Duration timeout) {
        this.url = url;
        this.timeout = timeout;
    }

    /** The status of the response; empty after a connection error or a timeout. */
    OptionalInt post(CloudEvent event) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(timeout)
                .header("Content-Type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofString(event.json()))
                .build();
        // only the status matters: the body may never end
        try {
            HttpResponse<InputStream> response = client().send(request, BodyHandlers.ofInputStream());
            closeQuietly(response.body());
            return OptionalInt.of(response.statusCode());
        } catch (IOException _) {
            return OptionalInt.empty();
        }
    }

    @Override
    public void close() {
        if (client != null) {
            client.shutdownNow();
            client = null;
        }
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException _) {
            // the status has been received
        }
    }

    private HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    // a proxy from system properties would be a guard, which may be the daemon that died
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build();
        }
        return client;
    }
}
