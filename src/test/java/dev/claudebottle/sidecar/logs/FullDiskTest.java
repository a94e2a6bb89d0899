package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.os.ForkedJvm;
import dev.claudebottle.sidecar.os.TestPipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A disk that is full after half a line, and later has room again: a limit on the size of this JVM's files. */
@ForkedJvm
class FullDiskTest {

    @Test
    void theNextLineIsTriedAndIsNotAppendedToHalfALine() throws Exception {
        // Given
        Path file = Files.createTempFile("stdout", ".log");
        LogPump pump = new LogPump(
                TestPipe.openForWriting(file.toString()), Logs.DEFAULT, Identity.NONE, fault -> {}, (_, _) -> {});
        pump.start();
        TestPipe daemon = new TestPipe();
        pump.attach("a", daemon.readEnd);

        // When: the limit falls within a line
        TestPipe.limitFileSize(1001);
        daemon.write(StdoutTest.numbered(1000));
        Awaitility.await().until(() -> Files.size(file) == 1001);
        long whole = Files.readAllLines(file).size() - 1;
        Awaitility.await().until(() -> pump.droppedLines() >= 1000 - whole);
        daemon.write("lost too\n");
        Awaitility.await().until(() -> pump.droppedLines() >= 1001 - whole);
        TestPipe.limitFileSize(-1);
        daemon.write("room again\nand more\n").closeWriteEnd();
        boolean finished = StdoutTest.finish(pump);

        // Then
        List<String> lines = Files.readAllLines(file);
        assertThat(finished).isTrue();
        assertThat(lines.subList(lines.size() - 3, lines.size()))
                .containsExactly("[a] room again", "[a] and more", "sidecar-init: exit 0");
        String half = lines.get(lines.size() - 4);
        for (int i = 0; i < lines.size() - 4; i++) {
            assertThat(lines.get(i)).isEqualTo("[a] line " + i);
        }
        assertThat("[a] line " + (lines.size() - 4)).startsWith(half).isNotEqualTo(half);
        // 1,004 lines in all, of which all but the half one and the counted ones are there
        assertThat(pump.droppedLines()).isEqualTo(1004 - (lines.size() - 1));
    }
}
