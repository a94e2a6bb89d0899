package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.TestPipe;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link LogPump#writeDirectly}: our last lines after a fault, past everything that waits. */
class FaultLinesTest {

    private static final byte[] LINES = "sidecar-init: internal error\nsidecar-init: exit 70\n".getBytes(UTF_8);

    private final TestPipe pipe = new TestPipe();

    @Test
    void theyComeOutThoughThePumpHasNotBeenStarted() {
        // Given
        LogPump pump = new LogPump(pipe.writeEnd, Logs.DEFAULT, Identity.NONE, fault -> {}, (_, _) -> {});

        // When
        pump.writeDirectly(
                pump.ownLines(List.of(OwnLine.error("internal error"), OwnLine.exit(70))), inTwentySeconds());

        // Then
        assertThat(written()).isEqualTo("sidecar-init: internal error\nsidecar-init: exit 70\n");
    }

    @Test
    void afterHalfALineTheyBeginOnALineOfTheirOwn() {
        // Given
        Stdout stdout = new Stdout(pipe.writeEnd);
        stdout.write(page("[a] one\n[a] half"));

        // When
        stdout.writeDirectly(LINES, inTwentySeconds());

        // Then
        assertThat(written()).isEqualTo("[a] one\n[a] half\nsidecar-init: internal error\nsidecar-init: exit 70\n");
    }

    @Test
    void afterAWholeLineThereIsNoEmptyOne() {
        // Given
        Stdout stdout = new Stdout(pipe.writeEnd);
        stdout.write(page("[a] one\n"));

        // When
        stdout.writeDirectly(LINES, inTwentySeconds());

        // Then
        assertThat(written()).isEqualTo("[a] one\nsidecar-init: internal error\nsidecar-init: exit 70\n");
    }

    @Test
    void aFullPipeIsNotWaitedForBeyondTheDeadline() {
        // Given
        String before = "x".repeat(TestPipe.SIZE - 1) + "\n";
        pipe.write(before);

        // When
        new Stdout(pipe.writeEnd)
                .writeDirectly(LINES, System.nanoTime() + Duration.ofMillis(50).toNanos());

        // Then
        assertThat(written()).isEqualTo(before);
    }

    @Test
    void afterTheDeadlineNothingIsWritten() {
        // When
        new Stdout(pipe.writeEnd).writeDirectly(LINES, System.nanoTime());

        // Then
        assertThat(written()).isEmpty();
    }

    private String written() {
        pipe.closeWriteEnd();
        return new String(TestPipe.readAll(pipe.readEnd), UTF_8);
    }

    static Page page(String text) {
        Page page = new Page();
        byte[] bytes = text.getBytes(UTF_8);
        System.arraycopy(bytes, 0, page.bytes, 0, bytes.length);
        page.length = bytes.length;
        return page;
    }

    private static long inTwentySeconds() {
        return System.nanoTime() + Duration.ofSeconds(20).toNanos();
    }
}
