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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code java Train.java APPDIR OPTIONS [RUNTIME]}: runs the packaged application as a user would, and has the JVM archive
 * the classes that it loaded. APPDIR/guards.aot holds what the daemons' start, a death and a stop need, linked ahead of
 * time; APPDIR/server.jsa is a layer on top of it with the web server's classes, which are loaded one by one, in the order
 * of the list APPDIR/server.classes.
 *
 * <p>OPTIONS is the file jvm.options. RUNTIME is the Java that will use the archives, this one by default: no other can.
 */
class Train {
    private static final Duration LIMIT = Duration.ofSeconds(180);

    /** At the end of the grace period everything is killed, and so is the JVM's process that writes guards.aot. */
    private static final String GRACE = "stop_grace_period: " + LIMIT.toSeconds() + "s\n";

    /** A death leads to a restart; one start fails; one daemon has a user, which is ours, because only root may have another. */
    private static final String GUARDS = GRACE + """
            failure_policy: restart
            restart: {initial_delay: 100ms}
            daemons:
              egress: {command: [sh, -c, "echo up; exec sleep 1000"]}
              pipelock: {command: [sh, -c, "echo up; exec sleep 1000"]}
              git-gate: {command: [/nonexistent], failure_policy: leave}
              supervise: {command: ["true"], failure_policy: leave, user: OURS}
            """;

    /** A death stays, so that the health checks are certain to show it. */
    private static final String SERVER = GRACE + """
            failure_policy: leave
            daemons:
              egress: {command: [sleep, "1000"]}
              pipelock: {command: [sleep, "1000"]}
            """;

    private static final List<String> PAGES = List.of(
            "/q/health", "/q/health/live", "/q/health/ready", "/q/health/started", "/q/metrics", "/status", "/");

    /** Where no port is. */
    private static final int NONE = 0;

    private final long deadline = System.nanoTime() + LIMIT.toNanos();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Path app;
    private final Path options;
    private final Path runtime;
    private final Path scratch;

    private Train(Path app, Path options, Path runtime, Path scratch) {
        this.app = app;
        this.options = options;
        this.runtime = runtime;
        this.scratch = scratch;
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 2 || args.length > 3) {
            System.err.println("usage: java Train.java APPDIR OPTIONS [RUNTIME]");
            System.exit(2);
        }
        var scratch = Files.createTempDirectory("sidecar-training");
        var failure = "";
        try {
            var runtime = args.length == 3 ? args[2] : System.getProperty("java.home");
            new Train(Path.of(args[0]).toRealPath(), Path.of(args[1]).toRealPath(), Path.of(runtime), scratch).run();
        } catch (IOException | IllegalStateException e) {
            failure = e.getMessage() == null ? e.toString() : e.getMessage();
        } finally {
            delete(scratch);
        }
        if (!failure.isEmpty()) {
            System.err.println("cannot train the class archives: " + failure);
            System.exit(1);
        }
        System.exit(0); // HttpClient's threads may outlive main
    }

    /** server.jsa records the path of guards.aot, which must therefore be in its final place first. */
    private void run() throws IOException, InterruptedException {
        var guards = app.resolve("guards.aot");
        var server = app.resolve("server.jsa");
        Files.deleteIfExists(classes());
        try {
            trainGuards(fresh(guards));
            install(guards);
            trainServer(guards, fresh(server));
            useBoth(guards, fresh(server));
            install(server);
        } finally {
            Files.deleteIfExists(fresh(guards));
            Files.deleteIfExists(Path.of(fresh(guards) + ".config")); // the JVM's own, left by a run that was killed
            Files.deleteIfExists(fresh(server));
        }
    }

    private void trainGuards(Path archive) throws IOException, InterruptedException {
        var flags = List.of("-XX:AOTCacheOutput=" + archive, "-Dsidecar.training=guards");
        var ours = Files.getAttribute(scratch, "unix:uid").toString();
        var port = freePort();
        run(GUARDS.replace("OURS", ours), port, freePort(port), flags, process -> {
            await("the daemons' first lines", process, () -> printed("[egress] up") && printed("[pipelock] up"));
            await("a daemon to kill", process, () -> killOne(process));
            await("a restart", process, () -> printed("is ready again after"));
        });
    }

    private void trainServer(Path guards, Path archive) throws IOException, InterruptedException {
        var flags = List.of(
                "-XX:SharedArchiveFile=" + guards, "-XX:ArchiveClassesAtExit=" + archive, "-Dsidecar.training=server");
        var port = freePort();
        var healthPort = freePort(port);
        run(SERVER, port, healthPort, flags, process -> {
            awaitHealth(200, process, port);
            readPages(process, port);
            await("the health address", process, () -> status(healthPort, "/q/health/live", "*/*") == 200);
            await("a daemon to kill", process, () -> killOne(process));
            awaitHealth(503, process, port);
            readPages(process, port);
        });
    }

    /** A start that fails unless the JVM takes both archives; it tells which classes of the second one are needed, and when. */
    private void useBoth(Path guards, Path server) throws IOException, InterruptedException {
        var log = scratch.resolve("loaded");
        var flags = List.of(
                "-XX:SharedArchiveFile=" + guards + ":" + server,
                "-Xshare:on",
                "-Xlog:class+load:file=" + log + ":none");
        var port = freePort();
        run(SERVER, port, NONE, flags, process -> {
            awaitHealth(200, process, port);
            listClasses(log);
        });
    }

    /** Writes APPDIR/server.classes: the names, without those of hidden classes, that the log has since Quarkus began. */
    private void listClasses(Path log) throws IOException {
        try (var lines = Files.lines(log)) {
            var names = lines.filter(line -> line.endsWith(" source: shared objects file (top)"))
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .dropWhile(name -> !name.equals("io.quarkus.runtime.Quarkus"))
                    .filter(name -> !name.contains("/"))
                    .toList();
            if (names.isEmpty()) {
                throw new IllegalStateException("the JVM's log names no class of server.jsa");
            }
            Files.write(classes(), names);
        }
    }

    private Path classes() {
        return app.resolve("server.classes");
    }

    /** What health checks and operators ask for. */
    private void readPages(Process process, int port) throws IOException, InterruptedException {
        for (var page : PAGES) {
            await(page, process, () -> status(port, page, "*/*") != 0);
        }
        await("the table", process, () -> status(port, "/status", "text/plain") != 0);
    }

    private void awaitHealth(int code, Process process, int port) throws IOException, InterruptedException {
        await("a health of " + code, process, () -> status(port, "/q/health/ready", "*/*") == code);
    }

    /** A training run writes its archive when it exits. */
    private void run(String bundle, int port, int healthPort, List<String> flags, Drive drive)
            throws IOException, InterruptedException {
        var file = Files.writeString(scratch.resolve("bundle.yaml"), bundle);
        var process = start(port, healthPort, flags, file);
        try {
            drive.run(process);
            process.destroy(); // SIGTERM, as `docker stop` would
            if (!process.waitFor(remaining().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("it had not stopped after " + LIMIT.toSeconds() + " s");
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    /** Where an archive is written: programs that run now have the old file mapped, and keep it when it is renamed over. */
    private static Path fresh(Path archive) {
        return archive.resolveSibling(archive.getFileName() + ".new");
    }

    private static void install(Path archive) throws IOException {
        if (!Files.exists(fresh(archive)) || Files.size(fresh(archive)) == 0) {
            throw new IllegalStateException("java wrote no " + archive.getFileName());
        }
        Files.move(fresh(archive), archive, StandardCopyOption.ATOMIC_MOVE);
    }

    private Process start(int port, int healthPort, List<String> flags, Path bundle) throws IOException {
        // as the launcher does, so that the classes that read blocked signals are in the archive
        var command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "--block-signal=TERM,INT,HUP,CHLD",
                "--block-signal=QUIT,USR1",
                runtime.resolve("bin/java").toString(),
                "-Xrs"));
        command.add("@" + options);
        command.addAll(flags);
        command.addAll(List.of("-cp", app.resolve("quarkus-run.jar").toString(), "dev.claudebottle.sidecar.Main"));
        command.addAll(List.of("--config", bundle.toString()));
        var builder = new ProcessBuilder(command);
        // the archives must not depend on another user's settings
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("CLAUDE_BOTTLE_SIDECAR_")
                        || name.startsWith("QUARKUS_")
                        || List.of(
                                        "K_SINK",
                                        "JAVA_TOOL_OPTIONS",
                                        "_JAVA_OPTIONS",
                                        "JDK_JAVA_OPTIONS",
                                        "JDK_AOT_VM_OPTIONS")
                                .contains(name));
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        if (healthPort != NONE) {
            builder.environment().put("CLAUDE_BOTTLE_SIDECAR_HEALTH_ADDRESS", "127.0.0.1:" + healthPort);
        }
        // not the default: that may be another instance's
        builder.environment()
                .put(
                        "CLAUDE_BOTTLE_SIDECAR_SOCKET",
                        scratch.resolve("control.sock").toString());
        builder.directory(scratch.toFile());
        builder.redirectErrorStream(true).redirectOutput(outputFile().toFile());
        var process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private void await(String what, Process process, Condition condition) throws IOException, InterruptedException {
        while (!condition.holds()) {
            if (!process.isAlive()) {
                throw new IllegalStateException("it exited with code " + process.exitValue() + lastOutput());
            }
            if (remaining().isNegative()) {
                throw new IllegalStateException(
                        "no sign of " + what + " after " + LIMIT.toSeconds() + " s" + lastOutput());
            }
            Thread.sleep(20);
        }
    }

    /** Kills a daemon that has become sleep(1); false when there is none yet. */
    private static boolean killOne(Process process) {
        return process.children()
                .filter(child ->
                        List.of(child.info().arguments().orElse(new String[0])).equals(List.of("1000")))
                .findFirst()
                .map(ProcessHandle::destroyForcibly)
                .orElse(false);
    }

    private int status(int port, String page, String accept) throws InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + page))
                .header("Accept", accept)
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    private boolean printed(String words) throws IOException {
        return output().contains(words);
    }

    private Duration remaining() {
        return Duration.ofNanos(deadline - System.nanoTime());
    }

    private String output() throws IOException {
        return new String(Files.readAllBytes(outputFile()));
    }

    private Path outputFile() {
        return scratch.resolve("output");
    }

    private String lastOutput() throws IOException {
        // the JVM's messages about the training come last and explain nothing
        var lines = output().lines()
                .filter(line -> !line.isBlank() && !line.contains("AOT"))
                .toList();
        return lines.isEmpty() ? "" : ": " + lines.getLast();
    }

    private static int freePort(int otherThan) throws IOException {
        var port = freePort();
        return port == otherThan ? freePort(otherThan) : port;
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

    private interface Drive {
        void run(Process process) throws IOException, InterruptedException;
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }
}
