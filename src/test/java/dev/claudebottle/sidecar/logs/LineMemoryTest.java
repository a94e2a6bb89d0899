package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.os.TestPipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The unfinished lines of many daemons. */
class LineMemoryTest {

    private static final int MIB = 1024 * 1024;
    private static final int DAEMONS = 40;
    private static final int LENGTH = MIB - 1;

    @Test
    void theLongestComeOutInPiecesWhenAllTogetherTakeTooMuchMemory() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();
        String text = "\u20ac".repeat(LENGTH / 3);
        List<TestPipe> pipes = new ArrayList<>();
        IntStream.range(0, DAEMONS).forEach(i -> pipes.add(fixture.daemon("d" + i)));

        // When: no line ends
        pipes.forEach(pipe -> pipe.write(text.getBytes(UTF_8)));

        // Then: what is not out is within the bound
        long all = (long) DAEMONS * text.getBytes(UTF_8).length;
        await().atMost(Duration.ofSeconds(60))
                .until(() -> fixture.outputSoFar().getBytes(UTF_8).length >= all - LineMemory.MAX);
        pipes.forEach(pipe -> pipe.write("\n".getBytes(UTF_8)).closeWriteEnd());
        List<String> lines = fixture.finish().lines().toList();
        for (int i = 0; i < DAEMONS; i++) {
            String label = "[d" + i + "]";
            List<String> pieces =
                    lines.stream().filter(line -> line.startsWith(label)).toList();
            assertThat(pieces.getFirst()).startsWith(label + " ");
            assertThat(pieces.stream().skip(1)).allMatch(piece -> piece.startsWith(label + "+ "));
            String whole = String.join(
                    "",
                    pieces.stream()
                            .map(piece -> piece.substring(piece.indexOf(' ') + 1))
                            .toList());
            assertThat(whole.equals(text)).isTrue();
        }
    }

    @Test
    void startsThatEndedWithinALineTakeNoMemoryOfOthers() throws Exception {
        // Given: as many as would exceed the bound
        PumpFixture fixture = PumpFixture.text();
        byte[] half = "x".repeat(60_000).getBytes(UTF_8);
        for (int i = 0; i < 2 * LineMemory.MAX / half.length; i++) {
            fixture.daemon("a").write(half).closeWriteEnd();
        }

        // When
        TestPipe other = fixture.daemon("b");
        other.write(half);
        fixture.daemon("c").write("seen\n".getBytes(UTF_8)).closeWriteEnd();
        fixture.awaitLine("[c] seen");
        other.write(half).write("\n".getBytes(UTF_8)).closeWriteEnd();

        // Then
        assertThat(fixture.finish().lines())
                .contains("[b] " + "x".repeat(120_000))
                .noneMatch(each -> each.contains("]+ "));
    }

    @Test
    void linesThatEndTakeNoMemoryOfOthers() throws Exception {
        // Given: as many daemons as would exceed the bound by what they have written
        PumpFixture fixture = PumpFixture.text();
        String line = "x".repeat(60_000);
        for (int i = 0; i < 2 * LineMemory.MAX / line.length(); i++) {
            TestPipe pipe = fixture.daemon("d" + i);
            pipe.write(line.substring(1).getBytes(UTF_8)).write("x\n".getBytes(UTF_8));
        }

        // Then
        List<String> lines = fixture.finish().lines().toList();
        assertThat(lines).noneMatch(each -> each.contains("]+ "));
    }
}
