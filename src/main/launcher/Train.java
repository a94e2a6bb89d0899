import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code java Train.java APPDIR [RUNTIME]}: runs the packaged application once, as a user would, and has the JVM write down
 * what it loaded and linked as APPDIR/app.aot. Starts then take about a third of the time. RUNTIME is the one that will use
 * the cache, no other can; this one by default.
 */
class Train {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** One dies once, and is well after its restart: the code for the first death that matters shall be in the cache. */
    private static final String BUNDLE = """
            failure_policy: restart
            daemons:
              egress: {command: [sleep, "1000"]}
              pipelock: {command: [sleep, "1000"]}
              git-gate: {command: [sleep, "1000"]}
              mortal: {command: [sh, -c, "test -d died && exec sleep 1000; mkdir died; sleep 2; exit 1"]}
            """;

    private final long deadline = System.nanoTime() + LIMIT.toNanos();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Path app;
    private final Path runtime;
    private final Path scratch;

    private Train(Path app, Path runtime, Path scratch) {
        this.app = app;
        this.runtime = runtime;
        this.scratch = scratch;
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: java Train.java APPDIR [RUNTIME]");
            System.exit(2);
        }
        var scratch = Files.createTempDirectory("sidecar-training");
        var failure = "";
        try {
            var runtime = args.length == 2 ? args[1] : System.getProperty("java.home");
            new Train(Path.of(args[0]).toRealPath(), Path.of(runtime), scratch).run();
        } catch (IOException | IllegalStateException e) {
            failure = e.getMessage() == null ? e.toString() : e.getMessage();
        } finally {
            delete(scratch);
        }
        if (!failure.isEmpty()) {
            System.err.println("cannot train the AOT cache: " + failure);
            System.exit(1);
        }
        System.exit(0); // HttpClient's threads may outlive main
    }

    private void run() throws IOException, InterruptedException {
        var port = freePort();
        var cache = scratch.resolve("app.aot");
        var process = start(port, cache);
        try {
            drive(process, URI.create("http://127.0.0.1:" + port));
            process.destroy(); // SIGTERM, as `docker stop` would
            if (!process.waitFor(remaining().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("it had not stopped after " + LIMIT.toSeconds() + " s");
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        if (!Files.exists(cache)) {
            throw new IllegalStateException("java wrote none (exit code " + process.exitValue() + ")" + lastOutput());
        }
        // by a rename: a program that runs now has the old file mapped
        var target = app.resolve("app.aot");
        var beside = app.resolve("app.aot.new");
        Files.move(cache, beside, StandardCopyOption.REPLACE_EXISTING);
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private Process start(int port, Path cache) throws IOException {
        var bundle = Files.writeString(scratch.resolve("bundle.yaml"), BUNDLE);
        var options = Path.of(System.getProperty("jdk.launcher.sourcefile", "Train.java"));
        var builder = new ProcessBuilder(List.of(
                runtime.resolve("bin/java").toString(),
                "@" + options.resolveSibling("jvm.options"),
                "-XX:AOTCacheOutput=" + cache,
                "-Dsidecar.aot-training=true",
                "-cp",
                app.resolve("quarkus-run.jar").toString(),
                "dev.claudebottle.sidecar.Main"));
        // another user's settings have no place in the cache
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("CLAUDE_BOTTLE_SIDECAR_")
                        || name.startsWith("QUARKUS_")
                        || List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS")
                                .contains(name));
        builder.environment().put("CLAUDE_BOTTLE_SIDECAR_CONFIG", bundle.toString());
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.directory(scratch.toFile());
        builder.redirectErrorStream(true).redirectOutput(output().toFile());
        var process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /** What a bundle's life is made of: probes every few seconds, and now and then somebody who looks. */
    private void drive(Process process, URI base) throws IOException, InterruptedException {
        await(200, process, base);
        for (var path : List.of("/q/health", "/q/health/live", "/q/health/ready", "/q/health/started", "/status")) {
            status(base.resolve(path), "*/*");
        }
        status(base.resolve("/status"), "text/plain");
        status(base.resolve("/q/metrics"), "*/*");
        await(503, process, base);
        await(200, process, base);
    }

    private void await(int health, Process process, URI base) throws IOException, InterruptedException {
        while (status(base.resolve("/q/health/ready"), "*/*") != health) {
            if (!process.isAlive()) {
                throw new IllegalStateException("it exited with code " + process.exitValue() + lastOutput());
            }
            if (remaining().isNegative()) {
                throw new IllegalStateException(
                        "its health was not " + health + " after " + LIMIT.toSeconds() + " s" + lastOutput());
            }
            Thread.sleep(20);
        }
    }

    private int status(URI uri, String accept) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri)
                .header("Accept", accept)
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    private Duration remaining() {
        return Duration.ofNanos(deadline - System.nanoTime());
    }

    private Path output() {
        return scratch.resolve("output");
    }

    private String lastOutput() throws IOException {
        var lines = Files.exists(output())
                ? new String(Files.readAllBytes(output())).lines().toList()
                : List.<String>of();
        // the JVM's own remarks about the training come last, and explain nothing
        var said = lines.stream()
                .filter(line -> !line.isBlank() && !line.contains("AOT"))
                .toList();
        return said.isEmpty() ? "" : ": " + said.getLast();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
