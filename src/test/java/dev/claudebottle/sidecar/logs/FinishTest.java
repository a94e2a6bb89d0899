package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.os.TestPipe;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The last flush. */
class FinishTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void whatIsInThePipesComesOutBeforeTheExitLineWhichIsTheLast() throws Exception {
        // Given: pipes that stay open
        PumpFixture fixture = PumpFixture.text();
        TestPipe a = fixture.daemon("a").write("line\n".repeat(10_000) + "no newline");
        TestPipe b = fixture.daemon("b").write("farewell\n");
        fixture.pump.sayAfterLastWords("a", "a exited with code 0");
        fixture.pump.say("grace elapsed");

        // When
        String all = fixture.finish();

        // Then
        assertThat(all).endsWith("\nsidecar-init: exit 0\n").contains("\n[a] no newline\n", "[b] farewell\n");
        assertThat(all.lines().count()).isEqualTo(10_000 + 2 + 3);
        a.closeWriteEnd();
        b.closeWriteEnd();
    }

    @Test
    void withNothingToPutOutItIsOverAtOnce() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();
        TestPipe silent = fixture.daemon("a");
        long begin = System.nanoTime();

        // When
        String all = fixture.finish();

        // Then
        assertThat(all).isEqualTo("sidecar-init: exit 0\n");
        assertThat(since(begin)).isLessThan(LONG);
        silent.closeWriteEnd();
    }

    @Test
    void withoutProgressItGivesUpWhenItsPatienceEnds() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        TestPipe daemon = fixture.daemon("a");
        Thread writer = Thread.ofPlatform()
                .start(() -> daemon.write("line\n".repeat(200_000)).closeWriteEnd());
        fixture.awaitBlocked(daemon);
        long begin = System.nanoTime();

        // When
        boolean out = fixture.pump.finish("exit 0", Duration.ofMillis(300).toNanos(), begin + LONG.toNanos());

        // Then
        assertThat(out).isFalse();
        assertThat(since(begin)).isBetween(Duration.ofMillis(300), LONG);
        fixture.read().letGo(daemon, writer);
    }

    @Test
    void aSlowReaderWithProgressIsWaitedFor() throws Exception {
        // Given: longer than the patience in all, shorter at each turn
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        TestPipe daemon = fixture.daemon("a");
        Thread writer = Thread.ofPlatform()
                .start(() -> daemon.write("line\n".repeat(250_000)).closeWriteEnd());
        fixture.awaitBlocked(daemon);
        AtomicBoolean over = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> readSlowly(fixture.stdout, over));
        long begin = System.nanoTime();

        // When
        boolean out = fixture.pump.finish("exit 0", Duration.ofMillis(400).toNanos(), begin + LONG.toNanos());

        // Then
        assertThat(out).isTrue();
        assertThat(since(begin)).isGreaterThan(Duration.ofMillis(500));
        over.set(true);
        fixture.letGo(daemon, writer);
        fixture.stdout.closeWriteEnd();
        reader.join();
    }

    @Test
    void aSlowReaderIsNotWaitedForBeyondTheDeadline() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        TestPipe daemon = fixture.daemon("a");
        Thread writer = Thread.ofPlatform()
                .start(() -> daemon.write("line\n".repeat(300_000)).closeWriteEnd());
        fixture.awaitBlocked(daemon);
        AtomicBoolean over = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> readSlowly(fixture.stdout, over));
        long begin = System.nanoTime();
        long deadline = begin + Duration.ofMillis(500).toNanos();

        // When
        boolean out = fixture.pump.finish("exit 0", LONG.toNanos(), deadline);

        // Then
        assertThat(out).isFalse();
        assertThat(since(begin)).isBetween(Duration.ofMillis(499), LONG);
        over.set(true);
        fixture.letGo(daemon, writer);
        assertThat(fixture.thread.join(LONG)).isTrue();
        fixture.stdout.closeWriteEnd();
        reader.join();
    }

    @Test
    void aProcessThatWritesForEverIsNotWaitedForBeyondTheDeadline() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();
        TestPipe daemon = fixture.daemon("a");
        Thread writer = Thread.ofPlatform().daemon().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                daemon.write("noise\n".repeat(1000));
            }
            daemon.closeWriteEnd();
        });
        fixture.awaitLine("[a] noise");
        long begin = System.nanoTime();

        // When
        fixture.pump.finish(
                "exit 0", LONG.toNanos(), begin + Duration.ofMillis(400).toNanos());

        // Then
        assertThat(since(begin)).isLessThan(LONG);
        writer.interrupt();
        fixture.letGo(daemon, writer);
        assertThat(fixture.thread.join(LONG)).isTrue();
        fixture.stdout.closeWriteEnd();
    }

    /** Some kilobytes every 60 ms; at full speed once it is over. The pace is the point, nothing waits for it. */
    private static void readSlowly(TestPipe pipe, AtomicBoolean over) {
        byte[] some = TestPipe.read(pipe.readEnd);
        while (some.length > 0) {
            if (!over.get()) {
                LockSupport.parkNanos(Duration.ofMillis(60).toNanos());
            }
            some = TestPipe.read(pipe.readEnd);
        }
        pipe.closeReadEnd();
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
