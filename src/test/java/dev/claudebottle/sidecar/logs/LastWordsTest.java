package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.os.TestPipe;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastWordsTest {

    private static final String DEATH = "a exited with code 1";

    private final Printer printer = Printer.text();

    @Test
    void whatADaemonWroteBeforeItDiedComesBeforeTheLineAboutIt() throws Exception {
        for (int round = 0; round < 50; round++) {
            // Given
            TestPipe daemon = printer.daemon("a");
            daemon.write("one\ntwo\n".repeat(1000) + "last words " + round);

            // When
            printer.pump.sayAfterLastWords("a", DEATH + " round " + round);
            daemon.closeWriteEnd();
        }

        // Then
        List<String> lines = printer.finish().lines().toList();
        for (int round = 0; round < 50; round++) {
            int death = lines.indexOf("sidecar-init: " + DEATH + " round " + round);
            assertThat(lines.indexOf("[a] last words " + round)).isEqualTo(death - 1);
        }
        assertThat(lines).hasSize(50 * 2002 + 1);
    }

    @Test
    void aGrandchildThatKeepsThePipeAndIsSilentDoesNotHoldUpTheLine() throws Exception {
        // Given
        TestPipe daemon = printer.daemon("a").write("last\nhalf a line");

        // When
        printer.pump.sayAfterLastWords("a", DEATH);

        // Then
        printer.awaitLine("sidecar-init: " + DEATH);
        assertThat(printer.soFar()).isEqualTo("[a] last\n[a] half a line\nsidecar-init: " + DEATH + "\n");
        daemon.write("grandchild\n").closeWriteEnd();
        assertThat(printer.finish()).contains(DEATH + "\n[a] grandchild\n");
    }

    @Test
    void aGrandchildThatWritesOnAndOnDoesNotHoldUpTheLine() throws Exception {
        // Given: the pipe is full and stays so
        TestPipe daemon = printer.daemon("a").write("last\n");
        Thread grandchild = Thread.ofPlatform().daemon().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                daemon.write("noise\n".repeat(1000));
            }
            daemon.closeWriteEnd();
        });

        // When
        printer.pump.sayAfterLastWords("a", DEATH);

        // Then
        printer.awaitLine("sidecar-init: " + DEATH);
        grandchild.interrupt();
        grandchild.join();
        List<String> lines = printer.finish().lines().toList();
        assertThat(lines.indexOf("[a] last")).isLessThan(lines.indexOf("sidecar-init: " + DEATH));
    }

    @Test
    void aSilentDaemonsDeathIsSaidAtOnce() throws Exception {
        // Given
        TestPipe daemon = printer.daemon("a");

        // When
        printer.pump.sayAfterLastWords("a", DEATH);

        // Then
        printer.awaitLine("sidecar-init: " + DEATH);
        daemon.closeWriteEnd();
        printer.finish();
    }

    @Test
    void aDeathAfterTheEndOfThePipeIsSaidToo() throws Exception {
        // Given
        printer.daemon("a").write("last").closeWriteEnd();
        printer.awaitLine("[a] last");

        // When
        printer.pump.sayAfterLastWords("a", DEATH);

        // Then
        assertThat(printer.finish()).isEqualTo("[a] last\nsidecar-init: " + DEATH + "\nsidecar-init: exit 0\n");
    }

    @Test
    void ourLinesKeepTheirOrderWhileOneWaitsForLastWords() throws Exception {
        // Given
        TestPipe daemon = printer.daemon("a").write("x\n".repeat(20_000));

        // When
        printer.pump.say("before");
        printer.pump.sayAfterLastWords("a", DEATH);
        printer.pump.say("after");
        daemon.closeWriteEnd();

        // Then
        assertThat(printer.finish().lines().filter(line -> line.startsWith("sidecar-init: ")))
                .containsExactly(
                        "sidecar-init: before",
                        "sidecar-init: " + DEATH,
                        "sidecar-init: after",
                        "sidecar-init: exit 0");
    }

    @Test
    void theNextStartsLinesComeAfterTheDeathOfTheLast() throws Exception {
        // Given: a grandchild keeps the first start's pipe
        TestPipe first = printer.daemon("a").write("first");
        printer.pump.sayAfterLastWords("a", DEATH);
        printer.pump.say("starting a");
        printer.awaitLine("sidecar-init: starting a");

        // When
        TestPipe second = printer.daemon("a").write("second");
        printer.pump.sayAfterLastWords("a", DEATH + " again");
        printer.awaitLine("sidecar-init: " + DEATH + " again");

        // Then
        first.closeWriteEnd();
        second.closeWriteEnd();
        assertThat(printer.finish())
                .isEqualTo(
                        "[a] first\nsidecar-init: " + DEATH + "\nsidecar-init: starting a\n[a] second\nsidecar-init: "
                                + DEATH + " again\nsidecar-init: exit 0\n");
    }
}
