package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
 * The packaged program in a pid namespace of its own, seen from outside. Closing this ends the namespace and every process
 * in it.
 */
final class Program implements AutoCloseable {

    static final String LAUNCHER = System.getProperty("sidecar.launcher", "sidecar-init");

    /** The clause that ends the line of a death under the policy leave. */
    static final String LEAVE = "; leaving surviving daemons running (operator-visible via agent-side failure)";

    /** For everything without a promised bound: a slow machine is no failure. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** How much a busy machine may delay a bounded wait; a stop that hangs takes longer. */
    private static final Duration STALL = Duration.ofSeconds(4);

    final Http http;
    private final Process unshare;
    private final boolean init;
    private final OutputStream out;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Thread errReader;
    private Thread outReader;

    Program(Process unshare, boolean init, int port, OutputStream out) {
        this.unshare = unshare;
        this.init = init;
        this.out = out;
        this.http = new Http(port);
        this.errReader = copy(unshare.getErrorStream(), err);
    }

    /** Skips a test that runs it as another user than root, in a checkout or a directory of root's own. */
    static void assumeReadableByAnyone() {
        assumeTrue(
                LinuxProcess.shell("setpriv --reuid 54321 --regid 54321 --clear-groups test -r '" + LAUNCHER + "'")
                        == 0,
                "another user than root can't read the checkout here");
    }

    /** Starts to read its stdout. */
    void readStdout() {
        outReader = copy(unshare.getInputStream(), out);
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

    /** One daemon's lines so far. */
    List<String> linesOf(String daemon) {
        String label = "[" + daemon + "] ";
        return lines().stream()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()))
                .toList();
    }

    /** The program's own lines so far. */
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
                    .atMost(TIMEOUT)
                    .ignoreExceptionsMatching(e -> e instanceof IOException || e instanceof UncheckedIOException)
                    .until(condition);
        } catch (ConditionTimeoutException never) {
            throw new AssertionError("no " + what + "; so far: " + shortened(), never);
        }
    }

    /** Waits until each of these daemons has written "up". */
    void awaitUp(String... daemons) {
        for (String daemon : daemons) {
            awaitLine("[" + daemon + "] up");
        }
    }

    /** Its process, with the pid outside its namespace. */
    LinuxProcess proc() {
        awaitThat("the process", () -> find().isPresent());
        return new LinuxProcess(find().orElseThrow());
    }

    void signal(String name) {
        LinuxProcess.signal(name, proc().pid());
    }

    /** The process with this pid inside its namespace. */
    LinuxProcess inside(int pid) {
        return proc().descendants().stream()
                .filter(proc -> proc.pidInside() == pid && proc.isAlive())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no process " + pid));
    }

    /** Its descendants with this command line. */
    List<LinuxProcess> running(String commandLine) {
        return proc().descendants().stream()
                .filter(proc -> proc.isAlive() && proc.commandLine().equals(commandLine))
                .toList();
    }

    List<LinuxProcess> zombies() {
        return proc().descendants().stream().filter(proc -> proc.state() == 'Z').toList();
    }

    void awaitHttp() {
        awaitThat("http", http::answers);
    }

    void awaitState(String daemon, String state) {
        awaitThat(daemon + " " + state, () -> http.daemon(daemon).get("state").equals(state));
    }

    /** Waits until the daemon's start of this number is ready. */
    void awaitStart(String daemon, int number) {
        awaitThat(daemon + " running in start " + number, () -> {
            Map<String, Object> status = http.daemon(daemon);
            return status.get("state").equals("running") && status.get("starts").equals(number);
        });
    }

    /** Sends SIGKILL to the first process of a running daemon; returns its pid inside the namespace. */
    int kill(String daemon) {
        awaitState(daemon, "running");
        int pid = (int) http.daemon(daemon).get("pid");
        assertThat(inside(pid).kill()).isTrue();
        return pid;
    }

    /** Stops it by TERM; returns its exit code. */
    int stop() {
        signal("TERM");
        return exitCode();
    }

    int exitCode() {
        return exitCodeWithin(TIMEOUT);
    }

    /** @param bound the promised bound, to which {@link #STALL} is added */
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
        // a change of user resets what --kill-child sets (PR_SET_PDEATHSIG)
        init.forEach(ProcessHandle::destroyForcibly);
    }

    private Optional<Long> find() {
        Optional<Long> first =
                new LinuxProcess(unshare.pid()).children().stream().findFirst();
        return init
                ? first
                : first.flatMap(pid -> new LinuxProcess(pid).children().stream().findFirst());
    }

    private String shortened() {
        String all = out instanceof ByteArrayOutputStream bytes ? bytes.toString(UTF_8) : "(not kept)";
        return all.substring(Math.max(0, all.length() - 2000)) + " on stderr: " + errors();
    }

    private static Thread copy(InputStream in, OutputStream to) {
        return Thread.ofPlatform().daemon().start(() -> {
            try (in) {
                in.transferTo(to);
            } catch (IOException closed) {
                // ends the stream as well
            }
        });
    }
}
