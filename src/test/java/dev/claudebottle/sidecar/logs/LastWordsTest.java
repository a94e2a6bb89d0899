package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.TestPipe;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastWordsTest {

    private static final String DEATH = "a exited with code 1";

    private final PumpFixture fixture = PumpFixture.text();

    @Test
    void whatADaemonWroteBeforeItDiedComesBeforeTheLineAboutIt() throws Exception {
        for (int round = 0; round < 50; round++) {
            // Given
            TestPipe daemon = fixture.daemon("a");
            daemon.write("one\ntwo\n".repeat(1000) + "last words " + round);

            // When
            fixture.pump.sayAfterLastWords("a", OwnLine.info(DEATH + " round " + round));
            daemon.closeWriteEnd();
        }

        // Then
        List<String> lines = fixture.finish().lines().toList();
        for (int round = 0; round < 50; round++) {
            int death = lines.indexOf("sidecar-init: " + DEATH + " round " + round);
            assertThat(lines.indexOf("[a] last words " + round)).isEqualTo(death - 1);
        }
        assertThat(lines).hasSize(50 * 2002 + 1);
    }

    @Test
    void aSilentGrandchildThatKeepsThePipeDoesNotDelayTheLine() throws Exception {
        // Given
        TestPipe daemon = fixture.daemon("a").write("last\nhalf a line");

        // When
        fixture.pump.sayAfterLastWords("a", OwnLine.info(DEATH));

        // Then
        fixture.awaitLine("sidecar-init: " + DEATH);
        assertThat(fixture.outputSoFar()).isEqualTo("[a] last\n[a] half a line\nsidecar-init: " + DEATH + "\n");
        daemon.write("grandchild\n").closeWriteEnd();
        assertThat(fixture.finish()).contains(DEATH + "\n[a] grandchild\n");
    }

    @Test
    void aGrandchildThatKeepsWritingDoesNotDelayTheLine() throws Exception {
        // Given: the pipe is full and stays so
        TestPipe daemon = fixture.daemon("a").write("last\n");
        Thread grandchild = daemon.writeUntilInterrupted("noise\n".repeat(1000));

        // When
        fixture.pump.sayAfterLastWords("a", OwnLine.info(DEATH));

        // Then
        fixture.awaitLine("sidecar-init: " + DEATH);
        grandchild.interrupt();
        grandchild.join();
        List<String> lines = fixture.finish().lines().toList();
        assertThat(lines.indexOf("[a] last")).isLessThan(lines.indexOf("sidecar-init: " + DEATH));
    }

    @Test
    void aSilentDaemonsDeathIsLoggedAtOnce() throws Exception {
        // Given
        TestPipe daemon = fixture.daemon("a");

        // When
        fixture.pump.sayAfterLastWords("a", OwnLine.info(DEATH));

        // Then
        fixture.awaitLine("sidecar-init: " + DEATH);
        daemon.closeWriteEnd();
        fixture.finish();
    }

    @Test
    void aDeathAfterTheEndOfThePipeIsLoggedToo() throws Exception {
        // Given
        fixture.daemon("a").write("last").closeWriteEnd();
        fixture.awaitLine("[a] last");

        // When
        fixture.pump.sayAfterLastWords("a", OwnLine.info(DEATH));

        // Then
        assertThat(fixture.finish()).isEqualTo("[a] last\nsidecar-init: " + DEATH + "\nsidecar-init: exit 0\n");
    }

    @Test
    void ourLinesKeepTheirOrderWhileOneWaitsForLastWords() throws Exception {
        // Given
        TestPipe daemon = fixture.daemon("a").write("x\n".repeat(20_000));

        // When
        fixture.pump.say(OwnLine.info("before"));
        fixture.pump.sayAfterLastWords("a", OwnLine.info(DEATH));
        fixture.pump.say(OwnLine.info("after"));
        daemon.closeWriteEnd();

        // Then
        assertThat(fixture.finish().lines().filter(line -> line.startsWith("sidecar-init: ")))
                .containsExactly(
                        "sidecar-init: before",
                        "sidecar-init: " + DEATH,
                        "sidecar-init: after",
                        "sidecar-init: exit 0");
    }

    @Test
    void theNextStartsLinesComeAfterTheDeathOfThePreviousOne() throws Exception {
        // Given: a grandchild keeps the first start's pipe
        TestPipe first = fixture.daemon("a").write("first");
        fixture.pump.sayAfterLastWords("a", OwnLine.info(DEATH));
        fixture.pump.say(OwnLine.info("starting a"));
        fixture.awaitLine("sidecar-init: starting a");

        // When
        TestPipe second = fixture.daemon("a").write("second");
        fixture.pump.sayAfterLastWords("a", OwnLine.info(DEATH + " again"));
        fixture.awaitLine("sidecar-init: " + DEATH + " again");

        // Then
        first.closeWriteEnd();
        second.closeWriteEnd();
        assertThat(fixture.finish())
                .isEqualTo(
                        "[a] first\nsidecar-init: " + DEATH + "\nsidecar-init: starting a\n[a] second\nsidecar-init: "
                                + DEATH + " again\nsidecar-init: exit 0\n");
    }
}
