package dev.claudebottle.sidecar.it;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** A client of the program's web server. */
record Http(int port) {

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    HttpResponse<String> get(String path, String... headers) {
        return send("GET", path, headers);
    }

    HttpResponse<String> send(String method, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(5))
                .method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofString());
        } catch (IOException noAnswer) {
            throw new UncheckedIOException(noAnswer);
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("cannot wait for an answer", impossible);
        }
    }

    JsonPath json(String path) {
        return JsonPath.from(get(path).body());
    }

    JsonPath status() {
        return json("/status");
    }

    /** The value of one key of a daemon in /status. */
    <T> T daemon(String name, String key) {
        return status().get("daemons.find { it.name == '" + name + "' }." + key);
    }

    /** One daemon in /status. */
    Map<String, Object> daemon(String name) {
        // not by a JsonPath expression: each would be compiled anew
        return status().<Map<String, Object>>getList("daemons").stream()
                .filter(daemon -> daemon.get("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    int health(String check) {
        return get("/q/health/" + check).statusCode();
    }

    boolean answers() {
        try {
            return get("/status").statusCode() == 200;
        } catch (UncheckedIOException noAnswer) {
            return false;
        }
    }
}
