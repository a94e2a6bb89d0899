package dev.claudebottle.sidecar.os;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The one {@link Children} of a test JVM, and its listener. */
final class ChildrenFixture {

    /** A daemon that has exited, and everything that it wrote. */
    record Ended(int pid, ExitStatus status, byte[] output) {

        /** One character a byte. */
        String bytes() {
            return new String(output, ISO_8859_1);
        }

        String text() {
            return new String(output, UTF_8).strip();
        }

        List<String> lines() {
            return text().lines().toList();
        }
    }

    private static ChildrenFixture fixture;

    final CollectingListener listener = new CollectingListener();
    final Children children = new Children(Environment.ours(), listener);
    private final AtomicInteger number = new AtomicInteger();

    private ChildrenFixture() {}

    static synchronized ChildrenFixture shared() {
        if (fixture == null) {
            fixture = new ChildrenFixture();
            if (Boolean.getBoolean(ForkedJvm.PROPERTY)) {
                // in Surefire's JVM it would reap the processes of other tests
                fixture.children.startReaping();
            }
        }
        return fixture;
    }

    /** Kills what the tests have left. */
    static synchronized void close() throws InterruptedException {
        if (fixture != null) {
            fixture.children.killAndReapAll(System.nanoTime() + 5_000_000_000L);
        }
    }

    static Daemon sh(String script) {
        return Daemon.of("guard", "/bin/sh", "-c", script);
    }

    static Daemon in(String directory, String... command) {
        return daemon(Optional.of(directory), Optional.empty(), Map.of(), command);
    }

    static Daemon as(String user, String... command) {
        return daemon(Optional.empty(), Optional.of(user), Map.of(), command);
    }

    static Daemon daemon(
            Optional<String> directory, Optional<String> user, Map<String, String> environment, String... command) {
        Daemon.Builder daemon = Daemon.builder("guard", command).environment(environment);
        directory.ifPresent(daemon::workingDir);
        user.ifPresent(daemon::user);
        return daemon.build();
    }

    /** Starts the daemon under a name of its own. */
    CollectingListener.Start start(Daemon daemon) throws CannotStartException {
        String name = daemon.name() + "-" + number.incrementAndGet();
        children.start(daemon.toBuilder().name(name).build());
        return listener.start(name);
    }

    Ended run(Daemon daemon) throws CannotStartException, InterruptedException {
        return await(start(daemon));
    }

    Ended run(String script) throws CannotStartException, InterruptedException {
        return run(sh(script));
    }

    Ended await(CollectingListener.Start start) throws InterruptedException {
        byte[] output = TestPipe.readAll(start.output());
        return new Ended(start.pid(), listener.awaitExit(start.pid()), output);
    }

    /** The lines of /proc/PID/stat of our children, zombies included. */
    static List<String> childrenInProc() throws IOException {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String stat = statOf(process);
                String[] fields = stat.substring(stat.lastIndexOf(')') + 1).split(" ");
                if (fields.length > 2 && Integer.parseInt(fields[2]) == Processes.self()) {
                    found.add(stat);
                }
            }
        }
        return found;
    }

    private static String statOf(Path process) {
        try {
            return Files.readString(process.resolve("stat"), ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
