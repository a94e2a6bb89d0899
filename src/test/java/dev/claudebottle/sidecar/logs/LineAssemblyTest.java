package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.TestPipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineAssemblyTest {

    @Test
    void aLineIsLabelledWithItsDaemonAndOursWithOurName() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();

        // When
        fixture.pump.say(OwnLine.info("starting egress"));
        fixture.awaitLine("sidecar-init: starting egress");
        fixture.daemon("git-gate").write("hello\n\n  indented\t.\n").closeWriteEnd();

        // Then
        assertThat(fixture.finish())
                .isEqualTo("sidecar-init: starting egress\n[git-gate] hello\n[git-gate] \n[git-gate]   indented\t.\n"
                        + "sidecar-init: exit 0\n");
    }

    @Test
    void aLastLineWithoutANewlineIsDelivered() throws Exception {
        assertThat(PumpFixture.print("one\ntwo")).isEqualTo("[a] one\n[a] two\n");
        assertThat(PumpFixture.print("x")).isEqualTo("[a] x\n");
        assertThat(PumpFixture.print("")).isEmpty();
        assertThat(PumpFixture.print("\n")).isEqualTo("[a] \n");
    }

    @Test
    void aCarriageReturnBeforeTheNewlineIsDroppedAndAnyOtherIsEscaped() throws Exception {
        assertThat(PumpFixture.print("one\r\ntwo\r\n")).isEqualTo("[a] one\n[a] two\n");
        assertThat(PumpFixture.print("\r\n")).isEqualTo("[a] \n");
        assertThat(PumpFixture.print("10%\r20%\r\r\n")).isEqualTo("[a] 10%\\x0d20%\\x0d\n");
        assertThat(PumpFixture.print("\rx\nend\r")).isEqualTo("[a] \\x0dx\n[a] end\\x0d\n");
    }

    @Test
    void aCarriageReturnAndItsNewlineMayComeInTwoWrites() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();
        TestPipe daemon = fixture.daemon("a");

        // When
        daemon.write("first\nsplit\r");
        fixture.awaitLine("[a] first");
        daemon.write("\nnext\n").closeWriteEnd();

        // Then
        assertThat(fixture.finish()).startsWith("[a] first\n[a] split\n[a] next\n");
    }

    @Test
    void aCharacterMayComeInPieces() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();
        TestPipe daemon = fixture.daemon("a");
        byte[] cat = "\ud83d\ude3a".getBytes(UTF_8);

        // When: a line of another daemon shows that each piece has been read
        for (int i = 0; i < cat.length; i++) {
            daemon.write(new byte[] {cat[i]});
            fixture.daemon("b").write(i + "\n").closeWriteEnd();
            fixture.awaitLine("[b] " + i);
        }
        daemon.write("\n").closeWriteEnd();

        // Then
        assertThat(fixture.finish()).contains("\n[a] \ud83d\ude3a\n");
    }

    @Test
    void halfLinesOfManyDaemonsAreNeverMixed() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();
        TestPipe a = fixture.daemon("a");
        TestPipe b = fixture.daemon("b");

        // When
        for (int i = 0; i < 100; i++) {
            a.write("left-");
            b.write("up-");
            a.write("right\n");
            b.write("down\n");
        }
        a.closeWriteEnd();
        b.closeWriteEnd();

        // Then
        List<String> lines = fixture.finish().lines().toList();
        assertThat(lines).filteredOn("[a] left-right"::equals).hasSize(100);
        assertThat(lines).filteredOn("[b] up-down"::equals).hasSize(100);
        assertThat(lines).hasSize(201);
    }

    @Test
    void fourWritersAtFullSpeedLoseNothingAndKeepTheirOrder() throws Exception {
        // Given: lines of every length, some longer than a pipe
        PumpFixture fixture = PumpFixture.text();
        List<String> names = List.of("egress", "pipelock", "git-gate", "supervise");
        List<Thread> writers = new ArrayList<>();

        // When
        for (String name : names) {
            TestPipe daemon = fixture.daemon(name);
            byte[] bytes = lines(name).getBytes(UTF_8);
            writers.add(Thread.ofPlatform().start(() -> daemon.write(bytes).closeWriteEnd()));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        String all = fixture.finish();

        // Then
        for (String name : names) {
            StringBuilder own = new StringBuilder();
            all.lines()
                    .filter(line -> line.startsWith("[" + name + "] "))
                    .forEach(line ->
                            own.append(line, name.length() + 3, line.length()).append('\n'));
            assertThat(own.toString().equals(lines(name))).as(name).isTrue();
        }
        assertThat(all.lines().count()).isEqualTo(4 * 30_000 + 1);
    }

    private static String lines(String name) {
        Random random = new Random(name.hashCode());
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            int length = i % 5000 == 0 ? 200_000 : random.nextInt(120);
            lines.append(i)
                    .append(' ')
                    .append("\u00e9".repeat(random.nextInt(2)))
                    .repeat('x', length)
                    .append('\n');
        }
        return lines.toString();
    }
}
