package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The packaged program, running in a pid namespace of its own, seen from outside. Whatever it leaves behind goes with
 * the namespace, when the test closes this.
 */
final class Program implements AutoCloseable {

    static final String LAUNCHER = System.getProperty("sidecar.launcher", "sidecar-init");

    /** For anything that has no bound of its own: a slow machine is no failure. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A busy machine may hold everything up for this long; a stop that hangs takes longer. */
    private static final Duration STALL = Duration.ofSeconds(4);

    final Http http;
    private final Process unshare;
    private final boolean ordinary;
    private final OutputStream out;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Thread errReader;
    private Thread outReader;

    Program(Process unshare, boolean ordinary, int port, OutputStream out) {
        this.unshare = unshare;
        this.ordinary = ordinary;
        this.out = out;
        this.http = new Http(port);
        this.errReader = carry(unshare.getErrorStream(), err);
    }

    /** Begins to read its stdout. */
    void read() {
        outReader = carry(unshare.getInputStream(), out);
    }

    /** Its stdout so far. */
    List<String> lines() {
        return out.toString().lines().toList();
    }

    byte[] output() {
        return ((ByteArrayOutputStream) out).toByteArray();
    }

    List<String> errors() {
        return err.toString(UTF_8).lines().toList();
    }

    /** What one daemon has written so far. */
    List<String> linesOf(String daemon) {
        String label = "[" + daemon + "] ";
        return lines().stream()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()))
                .toList();
    }

    /** What the program itself has said so far. */
    List<String> ownLines() {
        String label = "sidecar-init: ";
        return lines().stream()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()))
                .toList();
    }

    void awaitLine(String line) {
        awaitLine(line::equals, line);
    }

    void awaitLine(Predicate<String> wanted, String description) {
        awaitThat("a line " + description, () -> lines().stream().anyMatch(wanted));
    }

    void awaitThat(String what, Callable<Boolean> condition) {
        try {
            await(what)
                    .pollInSameThread()
                    .pollInterval(Duration.ofMillis(10))
                    .pollDelay(Duration.ZERO)
                    .atMost(PATIENCE)
                    .ignoreExceptionsMatching(e -> e instanceof IOException || e instanceof UncheckedIOException)
                    .until(condition);
        } catch (ConditionTimeoutException never) {
            throw new AssertionError("no " + what + "; so far: " + shortened(), never);
        }
    }

    /** All daemons have been started and have said that they are up. */
    void awaitUp(String... daemons) {
        for (String daemon : daemons) {
            awaitLine("[" + daemon + "] up");
        }
    }

    /** Its process, as this machine numbers it. */
    Proc proc() {
        awaitThat("the process", () -> find().isPresent());
        return new Proc(find().orElseThrow());
    }

    void signal(String name) {
        Proc.signal(name, proc().pid());
    }

    /** A process in its namespace. */
    Proc inside(int pid) {
        return proc().descendants().stream()
                .filter(proc -> proc.pidInside() == pid && proc.isAlive())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no process " + pid));
    }

    /** All below it that were started by this command line. */
    List<Proc> running(String commandLine) {
        return proc().descendants().stream()
                .filter(proc -> proc.isAlive() && proc.commandLine().equals(commandLine))
                .toList();
    }

    List<Proc> zombies() {
        return proc().descendants().stream().filter(proc -> proc.state() == 'Z').toList();
    }

    void awaitHttp() {
        awaitThat("http", http::answers);
    }

    void awaitState(String daemon, String state) {
        awaitThat(daemon + " " + state, () -> http.daemon(daemon).get("state").equals(state));
    }

    /** Its start of this number is ready. */
    void awaitStart(String daemon, int number) {
        awaitThat(daemon + " running in start " + number, () -> {
            Map<String, Object> status = http.daemon(daemon);
            return status.get("state").equals("running") && status.get("starts").equals(number);
        });
    }

    /** Ends the first process of a running daemon by SIGKILL, from outside, and gives its number inside. */
    int kill(String daemon) {
        awaitState(daemon, "running");
        int pid = (int) http.daemon(daemon).get("pid");
        assertThat(inside(pid).kill()).isTrue();
        return pid;
    }

    /** Ends it by TERM, and gives its exit code. */
    int stop() {
        signal("TERM");
        return exitCode();
    }

    int exitCode() {
        return exitCodeWithin(PATIENCE);
    }

    /** @param bound the contract's own; there is none for anything else */
    int exitCodeWithin(Duration bound) {
        try {
            assertThat(unshare.waitFor(bound.plus(STALL).toMillis(), TimeUnit.MILLISECONDS))
                    .as(() -> "ended within " + bound + ", plus " + STALL + "; so far: " + shortened())
                    .isTrue();
            if (outReader != null) {
                outReader.join();
            }
            errReader.join();
            return unshare.exitValue();
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("cannot wait for the program", impossible);
        }
    }

    boolean isAlive() {
        return unshare.isAlive();
    }

    @Override
    public void close() {
        List<ProcessHandle> init = unshare.children().toList();
        unshare.destroyForcibly().onExit().join();
        // a change of user has undone --kill-child
        init.forEach(ProcessHandle::destroyForcibly);
    }

    private Optional<Long> find() {
        Optional<Long> init = new Proc(unshare.pid()).children().stream().findFirst();
        return ordinary ? init.flatMap(pid -> new Proc(pid).children().stream().findFirst()) : init;
    }

    private String shortened() {
        String all = out instanceof ByteArrayOutputStream bytes ? bytes.toString(UTF_8) : "(elsewhere)";
        return all.substring(Math.max(0, all.length() - 2000)) + " on stderr: " + errors();
    }

    private static Thread carry(InputStream in, OutputStream to) {
        return Thread.ofPlatform().daemon().start(() -> {
            try (in) {
                in.transferTo(to);
            } catch (IOException closed) {
                // its end, too
            }
        });
    }
}
