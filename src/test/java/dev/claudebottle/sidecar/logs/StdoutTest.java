package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.TestPipe;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A stdout that is slow, full or gone. */
class StdoutTest {

    @Test
    void aBlockedStdoutNeverBlocksSay() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        TestPipe daemon = fixture.daemon("a");
        Thread writer = daemon.writeInBackground(numbered(200_000));
        fixture.awaitBlocked(daemon);

        // When
        String own = "y".repeat(100);
        Thread speaker = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < 50_000; i++) {
                fixture.pump.say(OwnLine.info(own));
                fixture.pump.sayAfterLastWords("b", OwnLine.info(own));
            }
        });

        // Then: the queue is bounded, what it refuses is counted
        assertThat(speaker.join(Duration.ofSeconds(10))).isTrue();
        long dropped = fixture.pump.droppedLines();
        assertThat(dropped).isBetween(80_000L, 99_999L);

        // When: a reader comes
        fixture.read();
        writer.join();
        List<String> lines = fixture.finish().lines().toList();

        // Then: nothing of the daemon is lost, and no more of ours than was counted
        assertThat(daemonLines(lines).equals(numbered(200_000))).isTrue();
        assertThat(lines).filteredOn(("sidecar-init: " + own)::equals).hasSize((int) (100_000 - dropped));
        assertThat(fixture.pump.droppedLines()).isEqualTo(dropped);
        assertThat(lines.getLast()).isEqualTo("sidecar-init: exit 0");
    }

    @Test
    void theBoundHoldsForManyShortLinesToo() throws Exception {
        // Given: a pump that never starts, so that nothing leaves the queue
        LogPump pump = new LogPump(-1, Logs.DEFAULT, Identity.NONE, fault -> {}, (_, _) -> {});

        // When
        for (int i = 0; i < 100_000; i++) {
            pump.say(OwnLine.info(""));
            pump.say(OwnLine.info("x"));
        }

        // Then: each takes an entry in the queue, however short it is
        assertThat(pump.droppedLines()).isBetween(150_000L, 199_999L);
    }

    @Test
    void onceTheQueuedLinesAreWrittenOthersAreAcceptedAgain() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        for (int i = 0; i < 30_000; i++) {
            fixture.pump.say(OwnLine.info("y".repeat(100)));
        }
        long dropped = fixture.pump.droppedLines();

        // When
        fixture.read();
        fixture.awaitLine("sidecar-init: " + "y".repeat(100));
        await().until(() -> fixture.outputSoFar().lines().count() == 30_000 - dropped);
        fixture.pump.say(OwnLine.info("again"));

        // Then
        assertThat(dropped).isPositive();
        assertThat(fixture.finish()).endsWith("\nsidecar-init: again\nsidecar-init: exit 0\n");
    }

    @Test
    void withAClosedStdoutLinesAreCountedAndThePipesStillRead() throws Exception {
        // Given
        TestPipe stdout = new TestPipe();
        PumpFixture fixture = PumpFixture.on(stdout);
        stdout.closeReadEnd();
        TestPipe daemon = fixture.daemon("a");

        // When: more than the pipe holds, so the write ends only if the pump reads
        daemon.write(numbered(100_000)).closeWriteEnd();
        boolean finished = finish(fixture.pump);

        // Then
        assertThat(finished).isTrue();
        assertThat(fixture.pump.droppedLines()).isEqualTo(100_000 + 1);
        stdout.closeWriteEnd();
    }

    @Test
    void withoutAStdoutEveryLineIsCounted() throws Exception {
        // Given
        LogPump pump = new LogPump(-1, Logs.DEFAULT, Identity.NONE, fault -> {}, (_, _) -> {});
        pump.start();
        TestPipe daemon = new TestPipe();
        pump.attach("a", daemon.readEnd);

        // When
        daemon.write(numbered(50_000)).closeWriteEnd();

        // Then
        assertThat(finish(pump)).isTrue();
        assertThat(pump.droppedLines()).isEqualTo(50_000 + 1);
    }

    @Test
    void aNonBlockingStdoutLosesNothing() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.on(new TestPipe().makeWritesFailWhenFull());
        TestPipe daemon = fixture.daemon("a");
        Thread writer = daemon.writeInBackground(numbered(100_000));
        fixture.awaitBlocked(daemon);

        // When
        fixture.read();
        writer.join();
        List<String> lines = fixture.finish().lines().toList();

        // Then
        assertThat(daemonLines(lines).equals(numbered(100_000))).isTrue();
        assertThat(fixture.pump.droppedLines()).isZero();
    }

    @Test
    void onAFullDiskEveryLineIsCountedOnce() throws Exception {
        // Given
        LogPump pump = fullDisk();
        TestPipe daemon = new TestPipe();
        pump.attach("a", daemon.readEnd);

        // When
        daemon.write(numbered(20_000)).closeWriteEnd();

        // Then
        assertThat(finish(pump)).isTrue();
        assertThat(pump.droppedLines()).isEqualTo(20_000 + 1);
    }

    @Test
    void onAFullDiskALineLongerThanAPageIsCountedOnce() throws Exception {
        // Given
        LogPump pump = fullDisk();
        TestPipe daemon = new TestPipe();
        pump.attach("a", daemon.readEnd);

        // When: a mebibyte, which is written as four
        daemon.write("\u001b".repeat(1024 * 1024) + "\n").closeWriteEnd();

        // Then
        assertThat(finish(pump)).isTrue();
        assertThat(pump.droppedLines()).isEqualTo(1 + 1);
    }

    private static LogPump fullDisk() {
        LogPump pump = new LogPump(
                TestPipe.openForWriting("/dev/full"), Logs.DEFAULT, Identity.NONE, fault -> {}, (_, _) -> {});
        pump.start();
        return pump;
    }

    static boolean finish(LogPump pump) throws InterruptedException {
        long patience = Duration.ofSeconds(20).toNanos();
        return pump.finish(OwnLine.info(PumpFixture.EXIT), patience, System.nanoTime() + patience);
    }

    static String numbered(int count) {
        return IntStream.range(0, count).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
    }

    private static String daemonLines(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("[a] "))
                .map(line -> line.substring("[a] ".length()) + "\n")
                .collect(Collectors.joining());
    }
}
