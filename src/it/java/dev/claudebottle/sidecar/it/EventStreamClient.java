package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.restassured.path.json.JsonPath;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client of {@code /events}. */
final class EventStreamClient implements AutoCloseable {

    static final String PREFIX = "dev.claudebottle.sidecar.";

    /** @param id the id field of the stream */
    record Event(String id, Map<String, Object> json) {

        static Event of(String id, String json) {
            return new Event(id, JsonPath.from(json).getMap("$"));
        }

        /** The type without its common prefix. */
        String type() {
            return json.get("type").toString().replace(PREFIX, "");
        }

        boolean isOf(String daemon) {
            return daemon.equals(json.get("subject"));
        }

        @SuppressWarnings("unchecked")
        Map<String, Object> data() {
            return (Map<String, Object>) json.get("data");
        }

        double seconds(String key) {
            return ((Number) data().get(key)).doubleValue();
        }
    }

    private final Program program;
    private final HttpClient client;
    private final HttpResponse<InputStream> response;
    private final List<Event> events = new CopyOnWriteArrayList<>();

    private EventStreamClient(Program program, HttpClient client, HttpResponse<InputStream> response) {
        this.program = program;
        this.client = client;
        this.response = response;
    }

    static EventStreamClient to(Program program) throws IOException {
        return resuming(program, null);
    }

    /** @param lastId the Last-Event-ID to send; null: none */
    static EventStreamClient resuming(Program program, String lastId) throws IOException {
        program.awaitHttp();
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + program.http.port() + "/events"))
                .header("Accept", "text/event-stream");
        if (lastId != null) {
            request.header("Last-Event-ID", lastId);
        }
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpResponse<InputStream> response = send(client, request.build());
        EventStreamClient stream = new EventStreamClient(program, client, response);
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8));
        Thread.ofPlatform().daemon().start(() -> stream.read(lines));
        return stream;
    }

    private static HttpResponse<InputStream> send(HttpClient client, HttpRequest request) throws IOException {
        try {
            return client.send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("cannot wait for an answer", impossible);
        }
    }

    String contentType() {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    /** All events so far. */
    List<Event> events() {
        return List.copyOf(events);
    }

    List<Event> of(String daemon) {
        return events.stream().filter(event -> event.isOf(daemon)).toList();
    }

    List<String> types() {
        return events.stream().map(Event::type).toList();
    }

    Event first(String daemon, String type) {
        return of(daemon).stream()
                .filter(event -> event.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + type + " of " + daemon + ": " + types()));
    }

    void await(String type, int times) {
        program.awaitThat(
                times + " times the event " + type,
                () -> types().stream().filter(type::equals).count() >= times);
    }

    private void read(BufferedReader lines) {
        String id = null;
        StringBuilder data = new StringBuilder();
        try (lines) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id:")) {
                    id = line.substring("id:".length()).strip();
                } else if (line.startsWith("data:")) {
                    data.append(line.substring("data:".length()).strip());
                } else if (line.isEmpty() && !data.isEmpty()) {
                    events.add(Event.of(id, data.toString()));
                    data.setLength(0);
                }
            }
        } catch (IOException closed) {
            // ends the stream as well
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
