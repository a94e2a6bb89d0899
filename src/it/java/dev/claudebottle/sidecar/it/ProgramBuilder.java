package dev.claudebottle.sidecar.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How the program is to be started; everything that a test does not say is the same for all of them. */
final class ProgramBuilder {

    private final List<String> arguments;
    private final Map<String, String> environment = new TreeMap<>();
    private String launcher = Program.LAUNCHER;
    private String setup = "";
    private boolean ordinary;
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

    /** Shell commands that run in the place of the program, which then replaces the shell. */
    ProgramBuilder setup(String commands) {
        setup += commands + "\n";
        return this;
    }

    /** Not as PID 1, but as the child of one. */
    ProgramBuilder ordinary() {
        ordinary = true;
        return this;
    }

    /** Nobody reads its stdout before {@link Program#read}. */
    ProgramBuilder unread() {
        unread = true;
        return this;
    }

    /** Where its stdout goes, instead of {@link Program#lines}. */
    ProgramBuilder into(OutputStream out) {
        sink = out;
        return this;
    }

    Program start() throws IOException {
        environment.putIfAbsent("QUARKUS_HTTP_PORT", Integer.toString(port));
        List<String> command = new ArrayList<>(
                List.of("unshare", "--fork", "--pid", "--mount-proc", "--kill-child", "sh", "-c", script(), "sh"));
        command.add(launcher);
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Program program = new Program(builder.start(), ordinary, port, sink);
        if (!unread) {
            program.read();
        }
        return program;
    }

    private String script() {
        String become = setup + "exec \"$@\"";
        // two commands, or the shell would become the program itself
        return ordinary ? "(" + become + ")\nexit $?" : become;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new IllegalStateException("cannot find a free port: " + none.getMessage(), none);
        }
    }
}
