package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.os.TestPipe;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The request for last lines: the pump keeps it until they have been read, or nobody waits any more. */
class PendingTailTest {

    private static final int CHUNK = 4;

    private final TestPipe daemon = new TestPipe();
    private final DaemonPipes pipes = new DaemonPipes(
            Logs.DEFAULT, LineFormat.of(Logs.DEFAULT, Identity.NONE, -1), new OutputBuffer(-1, () -> {}));
    private final DaemonPipe pipe = pipes.add("a", daemon.readEnd);
    private final PendingTail tail = new PendingTail(pipe, 20);

    private void readChunk() {
        pipe.read(Arena.global().allocate(CHUNK), new byte[CHUNK]);
    }

    @AfterEach
    void close() {
        daemon.closeWriteEnd();
        daemon.closeReadEnd();
    }

    @Test
    void itIsKeptUntilEverythingWrittenSoFarHasBeenRead() throws InterruptedException {
        // Given
        daemon.write("one\ntwo\n");
        tail.markLastWords();
        daemon.write("more\n");

        // When / Then
        assertThat(tail.releaseIfRead()).isFalse();
        readChunk();
        assertThat(tail.releaseIfRead()).isFalse();
        readChunk();
        assertThat(tail.releaseIfRead()).isTrue();
        assertThat(tail.await(System.nanoTime() + TimeUnit.SECONDS.toNanos(20))).containsExactly("one", "two");
    }

    @Test
    void afterTheDeadlineNobodyWaitsForIt() throws InterruptedException {
        // Given
        daemon.write("one\ntwo\n");
        tail.markLastWords();
        readChunk();

        // When / Then
        assertThat(tail.await(System.nanoTime())).containsExactly("one");
        assertThat(tail.releaseIfRead()).isTrue();
    }

    @Test
    void anEmptyPipeHoldsNobodyUp() {
        tail.markLastWords();

        assertThat(tail.releaseIfRead()).isTrue();
    }
}
