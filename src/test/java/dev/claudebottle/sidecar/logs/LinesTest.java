package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.os.TestPipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinesTest {

    @Test
    void aLineIsLabelledWithItsDaemonAndOursWithOurName() throws Exception {
        // Given
        Printer printer = Printer.text();

        // When
        printer.pump.say("starting egress");
        printer.awaitLine("sidecar-init: starting egress");
        printer.daemon("git-gate").write("hello\n\n  indented\t.\n").closeWriteEnd();

        // Then
        assertThat(printer.finish())
                .isEqualTo("sidecar-init: starting egress\n[git-gate] hello\n[git-gate] \n[git-gate]   indented\t.\n"
                        + "sidecar-init: exit 0\n");
    }

    @Test
    void aLastLineWithoutANewlineIsDelivered() throws Exception {
        assertThat(Printer.print("one\ntwo")).isEqualTo("[a] one\n[a] two\n");
        assertThat(Printer.print("x")).isEqualTo("[a] x\n");
        assertThat(Printer.print("")).isEmpty();
        assertThat(Printer.print("\n")).isEqualTo("[a] \n");
    }

    @Test
    void aReturnBeforeTheNewlineIsDroppedAndAnyOtherIsShown() throws Exception {
        assertThat(Printer.print("one\r\ntwo\r\n")).isEqualTo("[a] one\n[a] two\n");
        assertThat(Printer.print("\r\n")).isEqualTo("[a] \n");
        assertThat(Printer.print("10%\r20%\r\r\n")).isEqualTo("[a] 10%\\x0d20%\\x0d\n");
        assertThat(Printer.print("\rx\nend\r")).isEqualTo("[a] \\x0dx\n[a] end\\x0d\n");
    }

    @Test
    void aReturnAndItsNewlineMayComeInTwoWrites() throws Exception {
        // Given
        Printer printer = Printer.text();
        TestPipe daemon = printer.daemon("a");

        // When
        daemon.write("first\nsplit\r");
        printer.awaitLine("[a] first");
        daemon.write("\nnext\n").closeWriteEnd();

        // Then
        assertThat(printer.finish()).startsWith("[a] first\n[a] split\n[a] next\n");
    }

    @Test
    void aCharacterMayComeInPieces() throws Exception {
        // Given
        Printer printer = Printer.text();
        TestPipe daemon = printer.daemon("a");
        byte[] cat = "\ud83d\ude3a".getBytes(UTF_8);

        // When: a line of another daemon shows that each piece has been read
        for (int i = 0; i < cat.length; i++) {
            daemon.write(new byte[] {cat[i]});
            printer.daemon("b").write(i + "\n").closeWriteEnd();
            printer.awaitLine("[b] " + i);
        }
        daemon.write("\n").closeWriteEnd();

        // Then
        assertThat(printer.finish()).contains("\n[a] \ud83d\ude3a\n");
    }

    @Test
    void halfLinesOfManyDaemonsAreNeverMixed() throws Exception {
        // Given
        Printer printer = Printer.text();
        TestPipe a = printer.daemon("a");
        TestPipe b = printer.daemon("b");

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
        List<String> lines = printer.finish().lines().toList();
        assertThat(lines).filteredOn("[a] left-right"::equals).hasSize(100);
        assertThat(lines).filteredOn("[b] up-down"::equals).hasSize(100);
        assertThat(lines).hasSize(201);
    }

    @Test
    void fourWritersAtFullSpeedLoseNothingAndKeepTheirOrder() throws Exception {
        // Given: lines of every length, some longer than a pipe
        Printer printer = Printer.text();
        List<String> names = List.of("egress", "pipelock", "git-gate", "supervise");
        List<Thread> writers = new ArrayList<>();

        // When
        for (String name : names) {
            TestPipe daemon = printer.daemon(name);
            byte[] bytes = lines(name).getBytes(UTF_8);
            writers.add(Thread.ofPlatform().start(() -> daemon.write(bytes).closeWriteEnd()));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        String all = printer.finish();

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
