package dev.claudebottle.sidecar.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Many clients that hold connections. */
final class Crowd implements AutoCloseable {

    private final ScheduledExecutorService dripping = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger closed = new AtomicInteger();
    private final int port;
    private final String sent;
    private final List<RawClient> clients = new ArrayList<>();

    private Crowd(int port, int size, String sent) throws IOException {
        this.port = port;
        this.sent = sent;
        for (int i = 0; i < size; i++) {
            clients.add(connect());
        }
    }

    /** Each has sent this and sends no more. */
    static Crowd sending(int port, int size, String bytes) throws IOException {
        return new Crowd(port, size, bytes);
    }

    /** Each sends one more byte of a request's head every 100 ms. One that is closed connects again. */
    static Crowd dripping(int port, int size) throws IOException {
        Crowd crowd = new Crowd(port, size, "GET /status HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        crowd.dripping.scheduleWithFixedDelay(crowd::drip, 0, 100, TimeUnit.MILLISECONDS);
        return crowd;
    }

    /** How many connections of a dripping crowd have been closed so far. */
    int closed() {
        return closed.get();
    }

    private void drip() {
        clients.replaceAll(client -> {
            try {
                client.send("x");
                return client;
            } catch (IOException gone) {
                closed.incrementAndGet();
                return again(client);
            }
        });
    }

    private RawClient again(RawClient client) {
        try {
            client.close();
            return connect();
        } catch (IOException refused) {
            return client;
        }
    }

    private RawClient connect() throws IOException {
        RawClient client = new RawClient(port);
        client.send(sent);
        return client;
    }

    @Override
    public void close() throws IOException {
        dripping.close();
        for (RawClient client : clients) {
            client.close();
        }
    }
}
