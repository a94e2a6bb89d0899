package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.claudebottle.sidecar.http.PageResource;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves the page with the status and the events that a test gives it: hours of them, or ones that are rare. */
final class ScriptedSupervisor implements AutoCloseable {

    final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<String> daemons = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final Duration uptime;
    private int number;

    /** @param first the number of the first event */
    ScriptedSupervisor(Duration uptime, int first) throws IOException {
        this.uptime = uptime;
        this.number = first - 1;
        server.setExecutor(threads);
        server.createContext("/", this::page);
        server.createContext("/status", exchange -> answer(exchange, "application/json", status().getBytes(UTF_8)));
        server.createContext("/events", this::stream);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    Instant ago(long seconds) {
        return now.minusSeconds(seconds);
    }

    /** @param keys of the daemon in /status, with single quotes; those that are missing are as if it ran well */
    ScriptedSupervisor daemon(String name, String keys) {
        String rest = List.of(
                        "'state':'running'",
                        "'ready':true",
                        "'pid':" + (11 + daemons.size()),
                        "'startedAt':'" + now.minus(uptime) + "'",
                        "'starts':1",
                        "'restarts':0",
                        "'failurePolicy':'restart'",
                        "'lastExit':null",
                        "'nextStartAt':null",
                        "'readiness':null",
                        "'liveness':null",
                        "'crashLooping':false",
                        "'gaps':{'open':false,'count':0,'seconds':0.0,'plannedSeconds':0.0}")
                .stream()
                .filter(each -> !keys.contains(each.substring(0, each.indexOf(':') + 1)))
                .reduce(keys, (all, each) -> all.isEmpty() ? each : all + "," + each);
        daemons.add("{'name':'" + name + "'," + rest + "}");
        return this;
    }

    /** @param data keys with single quotes */
    ScriptedSupervisor event(Instant at, String type, String daemon, String data) {
        number++;
        String id = "9b3c1c1e-0d3f-4b0e-8f0e-3f1d3a5c7e11-" + number;
        String subject = daemon.isEmpty() ? "" : "'subject':'" + daemon + "',";
        events.add("id: " + id + "\ndata: "
                + ("{'id':'" + id + "'," + subject + "'type':'dev.claudebottle.sidecar." + type + "','time':'" + at
                                + "','data':{" + data + "}}")
                        .replace('\'', '"')
                + "\n\n");
        return this;
    }

    /** A death, or an operator's restart, and what follows until the daemon is ready again. */
    ScriptedSupervisor away(Instant at, Duration gap, String daemon, String exit, boolean planned) {
        Instant again = at.plus(gap);
        String isPlanned = "'planned':" + planned;
        if (planned) {
            event(at, "daemon.restarting", daemon, isPlanned);
        }
        return event(at, "daemon.exited", daemon, exit + "," + isPlanned)
                .event(again, "daemon.started", daemon, isPlanned)
                .event(again, "daemon.ready", daemon, isPlanned)
                .event(again, "daemon.recovered", daemon, isPlanned + ",'gapSeconds':" + gap.toMillis() / 1000.0);
    }

    static String exit(int code, String signal, String reason, String... output) {
        return "'code':" + code + ",'signal':" + (signal.isEmpty() ? "null" : "'" + signal + "'") + ",'reason':'"
                + reason
                + "','error':null,'oomKilled':" + signal.equals("SIGKILL") + ",'output':['" + String.join("','", output)
                + "']";
    }

    private String status() {
        return ("{'state':'running','ready':" + daemons.stream().noneMatch(each -> each.contains("'ready':false"))
                        + ",'failurePolicy':'restart','pid':1,'startedAt':'" + now.minus(uptime)
                        + "','uptimeSeconds':" + uptime.toSeconds() + ",'orphansReaped':3,'adopted':0,'daemons':["
                        + String.join(",", daemons) + "]}")
                .replace('\'', '"');
    }

    private void page(HttpExchange exchange) throws IOException {
        try (InputStream page = PageResource.class.getResourceAsStream("/page/index.html")) {
            answer(exchange, "text/html;charset=utf-8", page.readAllBytes());
        }
    }

    private static void answer(HttpExchange exchange, String type, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Sends no heartbeat: it is as silent as a connection that is dead. */
    private void stream(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write((":\n\n" + String.join("", events)).getBytes(UTF_8));
            exchange.getResponseBody().flush();
            closed.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
