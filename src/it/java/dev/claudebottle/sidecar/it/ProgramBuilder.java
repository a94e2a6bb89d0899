package dev.claudebottle.sidecar.it;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How to start the program; defaults apply to everything that a test does not set. */
final class ProgramBuilder {

    private static final AtomicInteger SOCKETS = new AtomicInteger();

    private final List<String> arguments;
    private final Map<String, String> environment = new TreeMap<>();
    private String launcher = Program.LAUNCHER;
    private String setup = "";
    private boolean init = true;
    private boolean unread;
    private int port = freePort();
    private OutputStream sink = new ByteArrayOutputStream();

    private ProgramBuilder(String... arguments) {
        this.arguments = new ArrayList<>(List.of(arguments));
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
    }

    static ProgramBuilder of(BundleText bundle) {
        return new ProgramBuilder()
                .env("CLAUDE_BOTTLE_SIDECAR_CONFIG", bundle.file().toString());
    }

    /** Without a bundle file. */
    static ProgramBuilder of(String... arguments) {
        return new ProgramBuilder(arguments);
    }

    ProgramBuilder with(String... more) {
        arguments.addAll(List.of(more));
        return this;
    }

    /** Arguments that go before all others. */
    ProgramBuilder before(String... first) {
        arguments.addAll(0, List.of(first));
        return this;
    }

    ProgramBuilder env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    ProgramBuilder without(String name) {
        environment.remove(name);
        return this;
    }

    ProgramBuilder launcher(String path) {
        launcher = path;
        return this;
    }

    ProgramBuilder port(int number) {
        port = number;
        return this;
    }

    /** Shell commands that run first, in the process that then executes the program. */
    ProgramBuilder setup(String commands) {
        setup += commands + "\n";
        return this;
    }

    /** @param isInit whether it runs as PID 1; otherwise a shell does, and the program is its child */
    ProgramBuilder init(boolean isInit) {
        init = isInit;
        return this;
    }

    /** Nobody reads its stdout before {@link Program#readStdout}. */
    ProgramBuilder unread() {
        unread = true;
        return this;
    }

    /** Writes its stdout there; {@link Program#lines} is empty then. */
    ProgramBuilder into(OutputStream out) {
        sink = out;
        return this;
    }

    Program start() throws IOException {
        environment.putIfAbsent("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.putIfAbsent("CLAUDE_BOTTLE_SIDECAR_SOCKET", newSocket());
        List<String> command = new ArrayList<>(
                List.of("unshare", "--fork", "--pid", "--mount-proc", "--kill-child", "sh", "-c", script(), "sh"));
        command.add(launcher);
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Program program = new Program(builder.start(), init, port, sink);
        if (!unread) {
            program.readStdout();
        }
        return program;
    }

    /** In place of the default, which is one for the whole machine. Each has a new one: a program that is killed leaves its own. */
    static String newSocket() {
        File socket = new File(
                "/tmp/sidecar-init-it-" + ProcessHandle.current().pid() + "-" + SOCKETS.incrementAndGet() + ".sock");
        socket.deleteOnExit();
        return socket.getPath();
    }

    private String script() {
        String execute = setup + "exec \"$@\"";
        // the exit keeps the shell from executing the program in its own process
        return init ? execute : "(" + execute + ")\nexit $?";
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new IllegalStateException("cannot find a free port: " + none.getMessage(), none);
        }
    }
}
