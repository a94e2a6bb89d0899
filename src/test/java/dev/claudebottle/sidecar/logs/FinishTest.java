package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.TestPipe;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** {@link LogPump#finish}: nothing is lost, and nothing waits beyond patience and deadline. */
class FinishTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int PAGE = 4096;

    @Test
    void whatThePipesHoldIsWrittenBeforeTheExitLineWhichIsTheLast() throws Exception {
        // Given: pipes that stay open
        PumpFixture fixture = PumpFixture.text();
        TestPipe a = fixture.daemon("a").write("line\n".repeat(10_000) + "no newline");
        TestPipe b = fixture.daemon("b").write("farewell\n");
        fixture.pump.sayAfterLastWords("a", OwnLine.info("a exited with code 0"));
        fixture.pump.say(OwnLine.info("grace elapsed"));

        // When
        String all = fixture.finish();

        // Then
        assertThat(all).endsWith("\nsidecar-init: exit 0\n").contains("\n[a] no newline\n", "[b] farewell\n");
        assertThat(all.lines().count()).isEqualTo(10_000 + 2 + 3);
        a.closeWriteEnd();
        b.closeWriteEnd();
    }

    @Test
    void withNothingToWriteItFinishesAtOnce() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();
        TestPipe silent = fixture.daemon("a");
        long begin = System.nanoTime();

        // When
        String all = fixture.finish();

        // Then
        assertThat(all).isEqualTo("sidecar-init: exit 0\n");
        assertThat(since(begin)).isLessThan(TIMEOUT);
        silent.closeWriteEnd();
    }

    @Test
    void withoutProgressItGivesUpAfterItsPatience() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        TestPipe daemon = fixture.daemon("a");
        Thread writer = daemon.writeInBackground("line\n".repeat(200_000));
        fixture.awaitBlocked(daemon);
        long begin = System.nanoTime();

        // When
        boolean out = fixture.pump.finish(
                OwnLine.info("exit 0"), Duration.ofMillis(300).toNanos(), begin + TIMEOUT.toNanos());

        // Then
        assertThat(out).isFalse();
        assertThat(since(begin)).isBetween(Duration.ofMillis(300), TIMEOUT);
        fixture.read().release(daemon, writer);
    }

    @Test
    void aSlowReaderWithProgressIsWaitedFor() throws Exception {
        // Given: what the daemon's pipe holds takes longer than the patience, a page of it less
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        TestPipe daemon = fixture.daemon("a");
        Thread writer = daemon.writeInBackground("line\n".repeat(80_000));
        fixture.awaitBlocked(daemon);
        AtomicBoolean over = new AtomicBoolean();
        long begin = System.nanoTime();
        Thread reader = Thread.ofPlatform().start(() -> readSlowly(fixture.stdout, over));

        // When
        boolean out = fixture.pump.finish(
                OwnLine.info("exit 0"), Duration.ofMillis(400).toNanos(), begin + TIMEOUT.toNanos());

        // Then
        assertThat(out).isTrue();
        assertThat(since(begin)).isGreaterThan(Duration.ofMillis(500));
        over.set(true);
        fixture.release(daemon, writer);
        fixture.stdout.closeWriteEnd();
        reader.join();
    }

    @Test
    void aSlowReaderIsNotWaitedForBeyondTheDeadline() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        TestPipe daemon = fixture.daemon("a");
        Thread writer = daemon.writeInBackground("line\n".repeat(300_000));
        fixture.awaitBlocked(daemon);
        AtomicBoolean over = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> readSlowly(fixture.stdout, over));
        long begin = System.nanoTime();
        long deadline = begin + Duration.ofMillis(500).toNanos();

        // When
        boolean out = fixture.pump.finish(OwnLine.info("exit 0"), TIMEOUT.toNanos(), deadline);

        // Then
        assertThat(out).isFalse();
        assertThat(since(begin)).isBetween(Duration.ofMillis(499), TIMEOUT);
        over.set(true);
        fixture.release(daemon, writer);
        assertThat(fixture.thread.join(TIMEOUT)).isTrue();
        fixture.stdout.closeWriteEnd();
        reader.join();
    }

    @Test
    void aProcessThatWritesForEverIsNotWaitedForBeyondTheDeadline() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();
        TestPipe daemon = fixture.daemon("a");
        Thread writer = daemon.writeUntilInterrupted("noise\n".repeat(1000));
        fixture.awaitLine("[a] noise");
        long begin = System.nanoTime();

        // When
        fixture.pump.finish(
                OwnLine.info("exit 0"),
                TIMEOUT.toNanos(),
                begin + Duration.ofMillis(400).toNanos());

        // Then
        assertThat(since(begin)).isLessThan(TIMEOUT);
        writer.interrupt();
        fixture.release(daemon, writer);
        assertThat(fixture.thread.join(TIMEOUT)).isTrue();
        fixture.stdout.closeWriteEnd();
    }

    /** Reads a page every 20 ms, once it is over at full speed. The pace is part of the test, not a wait for anything. */
    private static void readSlowly(TestPipe pipe, AtomicBoolean over) {
        byte[] some = TestPipe.read(pipe.readEnd, PAGE);
        while (some.length > 0) {
            if (!over.get()) {
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
            some = TestPipe.read(pipe.readEnd, PAGE);
        }
        pipe.closeReadEnd();
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
