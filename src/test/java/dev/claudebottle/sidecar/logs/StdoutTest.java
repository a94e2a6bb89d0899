package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.os.TestPipe;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A stdout that is slow, full or gone. */
class StdoutTest {

    @Test
    void aBlockedStdoutBlocksNobodyWhoSaysSomething() throws Exception {
        // Given
        Printer printer = Printer.unread(LogFormat.TEXT);
        TestPipe daemon = printer.daemon("a");
        Thread writer =
                Thread.ofPlatform().start(() -> daemon.write(numbered(200_000)).closeWriteEnd());
        printer.awaitBlocked(daemon);

        // When
        String own = "y".repeat(100);
        Thread speaker = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < 50_000; i++) {
                printer.pump.say(own);
                printer.pump.sayAfterLastWords("b", own);
            }
        });

        // Then: what waits is bounded, what is not kept is counted
        assertThat(speaker.join(Duration.ofSeconds(10))).isTrue();
        long dropped = printer.pump.droppedLines();
        assertThat(dropped).isBetween(80_000L, 99_999L);

        // When: somebody reads at last
        printer.read();
        writer.join();
        List<String> lines = printer.finish().lines().toList();

        // Then: nothing of the daemon is lost, and no more of ours than was counted
        assertThat(daemonLines(lines).equals(numbered(200_000))).isTrue();
        assertThat(lines).filteredOn(("sidecar-init: " + own)::equals).hasSize((int) (100_000 - dropped));
        assertThat(printer.pump.droppedLines()).isEqualTo(dropped);
        assertThat(lines.getLast()).isEqualTo("sidecar-init: exit 0");
    }

    @Test
    void manyShortLinesThatWaitAreBoundedToo() throws Exception {
        // Given: nothing takes them, as with a stdout that is blocked
        Pump pump = new Pump(-1, LogFormat.TEXT, fault -> {});

        // When
        for (int i = 0; i < 100_000; i++) {
            pump.say("");
            pump.say("x");
        }

        // Then: each costs a place in a queue, however short it is
        assertThat(pump.droppedLines()).isBetween(150_000L, 199_999L);
    }

    @Test
    void onceTheWaitingLinesAreOutOthersMayWaitAgain() throws Exception {
        // Given
        Printer printer = Printer.unread(LogFormat.TEXT);
        for (int i = 0; i < 30_000; i++) {
            printer.pump.say("y".repeat(100));
        }
        long dropped = printer.pump.droppedLines();

        // When
        printer.read();
        printer.awaitLine("sidecar-init: " + "y".repeat(100));
        await().until(() -> printer.soFar().lines().count() == 30_000 - dropped);
        printer.pump.say("again");

        // Then
        assertThat(dropped).isPositive();
        assertThat(printer.finish()).endsWith("\nsidecar-init: again\nsidecar-init: exit 0\n");
    }

    @Test
    void aClosedStdoutIsCountedAndThePipesAreStillRead() throws Exception {
        // Given
        TestPipe stdout = new TestPipe();
        Printer printer = Printer.on(stdout);
        stdout.closeReadEnd();
        TestPipe daemon = printer.daemon("a");

        // When: more than the pipe holds, so this ends only if it is read
        daemon.write(numbered(100_000)).closeWriteEnd();
        boolean finished = finish(printer.pump);

        // Then
        assertThat(finished).isTrue();
        assertThat(printer.pump.droppedLines()).isEqualTo(100_000 + 1);
        stdout.closeWriteEnd();
    }

    @Test
    void withoutAStdoutEverythingIsCounted() throws Exception {
        // Given
        Pump pump = new Pump(-1, LogFormat.TEXT, fault -> {});
        pump.begin();
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
        Printer printer = Printer.on(new TestPipe().makeWritesFailWhenFull());
        TestPipe daemon = printer.daemon("a");
        Thread writer =
                Thread.ofPlatform().start(() -> daemon.write(numbered(100_000)).closeWriteEnd());
        printer.awaitBlocked(daemon);

        // When
        printer.read();
        writer.join();
        List<String> lines = printer.finish().lines().toList();

        // Then
        assertThat(daemonLines(lines).equals(numbered(100_000))).isTrue();
        assertThat(printer.pump.droppedLines()).isZero();
    }

    @Test
    void onAFullDiskEveryLineIsCountedOnce() throws Exception {
        // Given
        Pump pump = fullDisk();
        TestPipe daemon = new TestPipe();
        pump.attach("a", daemon.readEnd);

        // When
        daemon.write(numbered(20_000)).closeWriteEnd();

        // Then
        assertThat(finish(pump)).isTrue();
        assertThat(pump.droppedLines()).isEqualTo(20_000 + 1);
    }

    @Test
    void onAFullDiskALineThatIsLongerThanOurBufferIsCountedOnce() throws Exception {
        // Given
        Pump pump = fullDisk();
        TestPipe daemon = new TestPipe();
        pump.attach("a", daemon.readEnd);

        // When: a mebibyte, four times as long when it is out
        daemon.write("\u001b".repeat(1024 * 1024) + "\n").closeWriteEnd();

        // Then
        assertThat(finish(pump)).isTrue();
        assertThat(pump.droppedLines()).isEqualTo(1 + 1);
    }

    private static Pump fullDisk() {
        Pump pump = new Pump(TestPipe.openForWriting("/dev/full"), LogFormat.TEXT, fault -> {});
        pump.begin();
        return pump;
    }

    static boolean finish(Pump pump) throws InterruptedException {
        long patience = Duration.ofSeconds(20).toNanos();
        return pump.finish(Printer.EXIT, patience, System.nanoTime() + patience);
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
