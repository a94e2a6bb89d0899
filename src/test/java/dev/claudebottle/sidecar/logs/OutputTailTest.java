package dev.claudebottle.sidecar.logs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.TestPipe;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The last lines of a daemon, for the event of its exit. */
class OutputTailTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final LogPump pump = begin(TestPipe.openForWriting("/dev/null"), LogFormat.TEXT);

    @Test
    void isTheLastOfWhatTheDaemonWrote() throws Exception {
        // Given
        TestPipe daemon = daemon("a").write("one\ntwo\nthree\nfour\n");

        // When / Then
        assertThat(lastLines("a", 2)).containsExactly("three", "four");
        daemon.closeWriteEnd();
    }

    @Test
    void isAvailableAfterTheEndOfThePipe() throws Exception {
        // Given
        daemon("a").write("one\ntwo").closeWriteEnd();
        await().until(() -> pump.totals("a").lines() == 2);

        // When / Then
        assertThat(lastLines("a", 20)).containsExactly("one", "two");
    }

    @Test
    void includesALastLineWithoutANewline() throws Exception {
        // Given
        TestPipe daemon = daemon("a").write("one\ntwo");

        // When / Then
        assertThat(lastLines("a", 20)).containsExactly("one", "two");
        daemon.closeWriteEnd();
    }

    @Test
    void includesEmptyLines() throws Exception {
        // Given
        TestPipe daemon = daemon("a").write("\none\n\n");

        // When / Then
        assertThat(lastLines("a", 20)).containsExactly("", "one", "");
        daemon.closeWriteEnd();
    }

    @Test
    void isEscapedAsInTheLogWhateverItsFormat() throws Exception {
        for (LogFormat format : LogFormat.values()) {
            // Given
            LogPump other = begin(TestPipe.openForWriting("/dev/null"), format);
            TestPipe daemon = new TestPipe();
            other.attach("a", daemon.readEnd);
            daemon.write("\u001b[31mred \"quoted\" \\ \t\u202e\u009b é\r\nend\r\n")
                    .write(new byte[] {'x', (byte) 0xff, '\r'});

            // When
            List<String> lines = other.lastLines("a", 20).await(timeout());

            // Then
            assertThat(lines).containsExactly("\\x1b[31mred \"quoted\" \\ \t\\u202e\\x9b é", "end", "x\ufffd\\x0d");
            daemon.closeWriteEnd();
        }
    }

    @Test
    void leavesOutAFirstLineThatLacksItsBeginning() throws Exception {
        // Given: more than is kept, in pieces of all sizes
        TestPipe daemon = daemon("a");
        List<String> lines = IntStream.range(0, 5000).mapToObj(i -> "line " + i).toList();
        for (int i = 0; i < 5000; i += 100) {
            daemon.write(String.join("\n", lines.subList(i, i + 100)) + "\n");
        }

        // When
        List<String> last = lastLines("a", 10_000);

        // Then
        assertThat(last.size()).isGreaterThan(Tail.SIZE / 12);
        assertThat(last).isEqualTo(lines.subList(5000 - last.size(), 5000));
        daemon.closeWriteEnd();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void keepsTheEndOfAnOnlyLineFromACompleteCharacterOn(int before) throws Exception {
        // Given
        TestPipe daemon = daemon("a").write("x".repeat(before) + "\ud83d\ude00".repeat(10_000) + "\n");

        // When
        List<String> last = lastLines("a", 20);

        // Then
        assertThat(last).hasSize(1);
        assertThat(last.getFirst()).matches("(\ud83d\ude00){4095,4096}");
        daemon.closeWriteEnd();
    }

    @Test
    void isThatOfTheLatestStart() throws Exception {
        // Given
        TestPipe first = daemon("a").write("first\n");
        OutputTail ofTheFirst = pump.lastLines("a", 20);
        TestPipe second = daemon("a");

        // When / Then
        assertThat(lastLines("a", 20)).isEmpty();
        second.write("second\n");
        assertThat(lastLines("a", 20)).containsExactly("second");
        assertThat(ofTheFirst.await(timeout())).containsExactly("first");
        first.closeWriteEnd();
        second.closeWriteEnd();
    }

    @Test
    void isEmptyForADaemonThatHasNeverBeenStarted() throws Exception {
        assertThat(lastLines("nobody", 20)).isEmpty();
    }

    @Test
    void includesAllLastWordsThoughAGrandchildKeepsThePipe() throws Exception {
        for (int round = 0; round < 50; round++) {
            // Given
            TestPipe daemon = daemon("a").write("word\n".repeat(3000) + "last " + round + "\n");

            // When / Then
            assertThat(lastLines("a", 1)).containsExactly("last " + round);
            daemon.closeWriteEnd();
        }
    }

    @Test
    void isAvailableWhileAGrandchildKeepsWriting() throws Exception {
        // Given
        TestPipe daemon = daemon("a");
        Thread grandchild = daemon.writeUntilInterrupted("noise\n".repeat(1000));
        await().until(() -> pump.totals("a").lines() > 0);

        // When / Then
        assertThat(lastLines("a", 3)).hasSize(3);
        grandchild.interrupt();
        grandchild.join();
    }

    @Test
    void isWhatHasBeenReadWhenStdoutIsBlocked() throws Exception {
        // Given
        TestPipe stdout = new TestPipe();
        LogPump blocked = begin(stdout.writeEnd, LogFormat.TEXT);
        TestPipe daemon = new TestPipe();
        blocked.attach("a", daemon.readEnd);
        Thread writer = daemon.writeInBackground("line\n".repeat(200_000));
        await().atMost(20, SECONDS).until(() -> Descriptors.available(daemon.readEnd) == TestPipe.SIZE);
        await().atMost(20, SECONDS).until(() -> Descriptors.available(stdout.readEnd) == TestPipe.SIZE);

        // When
        List<String> lines = blocked.lastLines("a", 2)
                .await(System.nanoTime() + Duration.ofMillis(50).toNanos());

        // Then
        assertThat(lines).hasSize(2).allMatch("line"::startsWith);
        Thread.ofPlatform().daemon().start(() -> TestPipe.readAll(stdout.readEnd));
        writer.join();
    }

    @Test
    void totalsAreThoseOfAllStarts() throws Exception {
        // Given
        daemon("a").write("one\ntwo\r\n").closeWriteEnd();
        TestPipe second = daemon("a").write("thr\u001bee\n\nhalf");
        daemon("b").write("x").closeWriteEnd();

        // When
        second.closeWriteEnd();

        // Then
        await().until(() -> pump.totals("a").equals(new LogTotals(5, 9 + 12)));
        await().until(() -> pump.totals("b").equals(new LogTotals(1, 1)));
        assertThat(pump.totals("nobody")).isEqualTo(new LogTotals(0, 0));
    }

    @Test
    void thePiecesOfACutLineCountOneByOne() throws Exception {
        // When
        daemon("a")
                .write("x".repeat(2 * Logs.DEFAULT.maxLine().bytes() + 1) + "\n")
                .closeWriteEnd();

        // Then
        await().until(() -> pump.totals("a")
                .equals(new LogTotals(3, 2 * Logs.DEFAULT.maxLine().bytes() + 2)));
    }

    /** Asserts that they were there before the deadline. */
    private List<String> lastLines(String daemon, int count) throws InterruptedException {
        long deadline = timeout();
        List<String> lines = pump.lastLines(daemon, count).await(deadline);
        assertThat(deadline - System.nanoTime()).isPositive();
        return lines;
    }

    private TestPipe daemon(String name) {
        TestPipe pipe = new TestPipe();
        pump.attach(name, pipe.readEnd);
        return pipe;
    }

    private static LogPump begin(int stdout, LogFormat format) {
        LogPump pump = new LogPump(
                stdout,
                Logs.DEFAULT.withFormat(format),
                Identity.NONE,
                fault -> {
                    throw new AssertionError(fault);
                },
                (_, _) -> {});
        pump.start();
        return pump;
    }

    private static long timeout() {
        return System.nanoTime() + TIMEOUT.toNanos();
    }
}
