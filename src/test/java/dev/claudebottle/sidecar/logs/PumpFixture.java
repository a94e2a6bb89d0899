package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.TestPipe;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;

/** A pump whose stdout is a pipe, and the reader of that pipe. */
final class PumpFixture {

    static final String EXIT = "exit 0";

    private static final long TIMEOUT = Duration.ofSeconds(20).toNanos();

    final TestPipe stdout;
    final LogPump pump;
    final Thread thread;

    /** What the pump said of held output. */
    final BlockingQueue<String> held = new LinkedBlockingQueue<>();

    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private Thread reader;

    private PumpFixture(Logs logs, Identity identity, TestPipe stdout) {
        this.stdout = stdout;
        this.pump = new LogPump(
                stdout.writeEnd,
                logs,
                identity,
                fault::set,
                (daemon, isHeld) -> held.add(daemon + (isHeld ? " is held" : " is released")));
        List<Thread> before = pumpThreads();
        pump.start();
        this.thread = pumpThreads().stream()
                .filter(one -> !before.contains(one))
                .findFirst()
                .orElseThrow();
    }

    /** A pump whose stdout nobody reads until {@link #read}. */
    static PumpFixture unread(LogFormat format) {
        return unread(format, Identity.NONE);
    }

    static PumpFixture unread(LogFormat format, Identity identity) {
        return new PumpFixture(Logs.DEFAULT.withFormat(format), identity, new TestPipe());
    }

    static PumpFixture on(TestPipe stdout) {
        return new PumpFixture(Logs.DEFAULT, Identity.NONE, stdout);
    }

    static PumpFixture text() {
        return unread(LogFormat.TEXT).read();
    }

    /** What comes out when one daemon writes this and ends, without our exit line. */
    static String print(LogFormat format, byte[] bytes) throws InterruptedException {
        return print(Logs.DEFAULT.withFormat(format), "a", bytes);
    }

    static String print(Logs logs, String daemon, byte[] bytes) throws InterruptedException {
        return print(logs, Identity.NONE, daemon, bytes);
    }

    static String print(Logs logs, Identity identity, String daemon, byte[] bytes) throws InterruptedException {
        PumpFixture fixture = new PumpFixture(logs, identity, new TestPipe()).read();
        fixture.daemon(daemon).write(bytes).closeWriteEnd();
        String all = fixture.finish();
        return all.substring(0, all.lastIndexOf('\n', all.length() - 2) + 1);
    }

    static String print(String text) throws InterruptedException {
        return print(LogFormat.TEXT, text.getBytes(UTF_8));
    }

    /** Attaches a daemon's pipe; the test owns its write end. */
    TestPipe daemon(String name) {
        TestPipe pipe = new TestPipe();
        pump.attach(name, pipe.readEnd);
        return pipe;
    }

    PumpFixture read() {
        reader = Thread.ofPlatform().daemon().start(() -> {
            byte[] some = TestPipe.read(stdout.readEnd);
            while (some.length > 0) {
                synchronized (printed) {
                    printed.writeBytes(some);
                }
                some = TestPipe.read(stdout.readEnd);
            }
            stdout.closeReadEnd();
        });
        return this;
    }

    String outputSoFar() {
        synchronized (printed) {
            return printed.toString(UTF_8);
        }
    }

    void awaitLine(String line) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> ("\n" + outputSoFar()).contains("\n" + line + "\n"));
    }

    /** Waits until stdout's pipe is full, so that the pump is blocked, and the daemon's pipe too, so that more is to come. */
    void awaitBlocked(TestPipe daemon) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> isFull(stdout) && isFull(daemon));
    }

    private static boolean isFull(TestPipe pipe) {
        return Descriptors.available(pipe.readEnd) == TestPipe.SIZE;
    }

    /** Finishes the pump; returns everything that came out. */
    String finish() throws InterruptedException {
        if (!pump.finish(OwnLine.info(EXIT), TIMEOUT, System.nanoTime() + TIMEOUT)) {
            throw new AssertionError("not everything was written", fault.get());
        }
        stdout.closeWriteEnd();
        reader.join();
        return outputSoFar();
    }

    /** Lets the daemon's writer end, whether or not the pump, which was told to finish, still reads. */
    void release(TestPipe daemon, Thread writer) throws InterruptedException {
        await().atMost(Duration.ofSeconds(20)).until(() -> !writer.isAlive() || !thread.isAlive());
        if (writer.isAlive()) {
            TestPipe.readAll(daemon.readEnd);
        }
        writer.join();
    }

    private static List<Thread> pumpThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("pump"))
                .toList();
    }
}
