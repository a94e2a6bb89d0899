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

/** Carries one event at a time to the receiver. Used by one thread. */
final class EventSender implements AutoCloseable {

    private final URI url;
    private final Duration timeout;

    /** Null while there is nothing to do: its threads wake up every few seconds even when idle. */
    private HttpClient client;

    EventSender(URI url, Duration timeout) {
        this.url = url;
        this.timeout = timeout;
    }

    /** The status of the answer; empty when none came. */
    OptionalInt post(CloudEvent event) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(timeout)
                .header("Content-Type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofString(event.json()))
                .build();
        // the status says it all: an answer's body is not waited for, it may never end
        try {
            HttpResponse<InputStream> answer = client().send(request, BodyHandlers.ofInputStream());
            closeQuietly(answer.body());
            return OptionalInt.of(answer.statusCode());
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
            // the answer has been given
        }
    }

    private HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    // the bundle's own proxy is one of the guards that this tells about
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build();
        }
        return client;
    }
}
