package dev.claudebottle.sidecar.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Reads server-sent events. It uses HTTP/1.0, which has no chunks, so that it reads exactly what was written. */
final class SseClient implements AutoCloseable {

    private static final String DATA = "data: ";

    private final Socket socket;
    private final BufferedReader lines;

    SseClient(int port, String method, String header) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write((method + " /events HTTP/1.0\r\n" + header + "\r\n").getBytes(UTF_8));
        lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        for (String line = line(); !line.isEmpty(); line = line()) {
            head.append(line).append('\n');
        }
        return head.toString();
    }

    /** The next line; null at the end. */
    String line() throws IOException {
        return lines.readLine();
    }

    /** The numbers of the next events: the last part of their ids. */
    List<Long> numbers(int count) throws IOException {
        List<Long> numbers = new ArrayList<>();
        while (numbers.size() < count) {
            String line = line();
            if (line.startsWith(DATA)) {
                String id = new JsonObject(line.substring(DATA.length())).getString("id");
                numbers.add(Long.parseLong(id.substring(id.lastIndexOf('-') + 1)));
            }
        }
        return numbers;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
