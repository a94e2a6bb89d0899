package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.ByteSize;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Logs;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LongLinesTest {

    private static final int MIB = 1024 * 1024;

    @Test
    void aLineOfExactlyOneMebibyteIsNotCut() throws Exception {
        String line = "x".repeat(MIB);
        assertPieces(line + "\n", line);
        assertPieces(line + "\r\n", line);
        assertPieces(line, line);
    }

    @Test
    void aLineOfOneByteMoreIsCut() throws Exception {
        String line = "x".repeat(MIB);
        assertPieces(line + "y\n", line, "y");
        assertPieces(line + "y\r\n", line, "y");
        assertPieces(line + "y", line, "y");
        assertPieces(line + "\r", line, "\\x0d");
        assertPieces(line + "\ry\n", line, "\\x0dy");
    }

    @Test
    void aVeryLongLineIsCutIntoMebibytesAndTheNextLineStandsAlone() throws Exception {
        String line = "x".repeat(MIB);
        assertThat(PumpFixture.print(line + line + line + "\r\nnext\n")
                        .equals("[a] " + line + "\n[a]+ " + line + "\n[a]+ " + line + "\n[a] next\n"))
                .isTrue();
    }

    @Test
    void aCutNeverSplitsACharacter() throws Exception {
        for (String character : List.of("\u00e9", "\u20ac", "\ud83d\ude3a")) {
            int size = character.getBytes(UTF_8).length;
            for (int before = 0; before <= size; before++) {
                // Given: the character starts this many bytes before the cut
                String start = "x".repeat(MIB - before);

                // Then
                if (before == size) {
                    assertPieces(start + character + "end\n", start + character, "end");
                } else {
                    assertPieces(start + character + "end\n", start, character + "end");
                }
            }
        }
    }

    @Test
    void aCutAtBrokenCharactersMakesNoMoreOfThem() throws Exception {
        // Given: a character that lacks its end, three bytes around the cut; then stray bytes
        byte[] line = new byte[MIB + 10];
        Arrays.fill(line, (byte) 'x');
        line[MIB - 2] = (byte) 0xf0;
        line[MIB - 1] = (byte) 0x9f;
        line[MIB] = (byte) 0x98;
        Arrays.fill(line, MIB + 1, MIB + 4, (byte) 'y');

        // When
        String printed = PumpFixture.print(LogFormat.TEXT, line);

        // Then
        assertThat(printed.chars().filter(c -> c == '\ufffd').count()).isOne();
        assertThat(printed).endsWith("x\n[a]+ \ufffdyyyxxxxxx\n");
    }

    @Test
    void aLineOfStrayBytesIsCutAtTheLimit() throws Exception {
        // Given
        byte[] line = new byte[MIB + 5];
        Arrays.fill(line, (byte) 0x80);

        // When
        List<String> pieces = PumpFixture.print(LogFormat.TEXT, line).lines().toList();

        // Then
        assertThat(pieces).hasSize(2);
        assertThat(pieces.get(0)).hasSize("[a] ".length() + MIB);
        assertThat(pieces.get(1)).hasSize("[a]+ ".length() + 5);
    }

    @Test
    void theLimitCountsWhatWasReadAndNotWhatIsWritten() throws Exception {
        // Given
        String line = "\u001b".repeat(MIB);

        // Then
        assertPieces(line + "\n", "\\x1b".repeat(MIB));
    }

    @Test
    void inJsonLaterPiecesSayThatTheyContinue() throws Exception {
        // When
        List<JsonObject> lines = PumpFixture.print(
                        LogFormat.JSON, ("\"".repeat(2 * MIB + 3) + "\nnext\n").getBytes(UTF_8))
                .lines()
                .map(JsonObject::new)
                .toList();

        // Then
        assertThat(lines).extracting(line -> line.getBoolean("continued")).containsExactly(null, true, true, null);
        assertThat(lines).extracting(line -> line.getString("message").length()).containsExactly(MIB, MIB, 3, 4);
        assertThat(lines).extracting(line -> line.getString("daemon")).containsOnly("a");
    }

    @Test
    void theLimitIsTheBundles() throws Exception {
        assertPieces(64, "x".repeat(64) + "\n", "x".repeat(64));
        assertPieces(64, "x".repeat(65) + "\n", "x".repeat(64), "x");
        assertPieces(64, "\u00e9".repeat(64) + "\n", "\u00e9".repeat(32), "\u00e9".repeat(32));
        assertPieces(65, "\u00e9".repeat(64) + "\r\n", "\u00e9".repeat(32), "\u00e9".repeat(32));
        assertPieces(4 * MIB, "x".repeat(4 * MIB + 1), "x".repeat(4 * MIB), "x");
    }

    @Test
    void aLongLineOfManySmallPiecesIsWhole() throws Exception {
        // Given
        String line = IntStream.range(0, 100_000).mapToObj(Integer::toString).collect(Collectors.joining("\u20ac"));

        // When
        List<String> pieces =
                PumpFixture.print(limit(100), "a", line.getBytes(UTF_8)).lines().toList();

        // Then
        assertThat(pieces.getFirst()).startsWith("[a] ");
        assertThat(pieces.stream().skip(1)).allMatch(piece -> piece.startsWith("[a]+ "));
        assertThat(pieces)
                .allMatch(piece -> text(piece).getBytes(UTF_8).length <= 100)
                .hasSizeLessThan(line.getBytes(UTF_8).length / 97);
        assertThat(pieces.stream().map(LongLinesTest::text).collect(Collectors.joining()))
                .isEqualTo(line);
    }

    private static String text(String piece) {
        return piece.substring(piece.indexOf(' ') + 1);
    }

    private static Logs limit(int bytes) {
        return Logs.DEFAULT.withMaxLine(new ByteSize(bytes + "B", bytes));
    }

    private static void assertPieces(String written, String first, String... more) throws InterruptedException {
        assertPieces(MIB, written, first, more);
    }

    private static void assertPieces(int limit, String written, String first, String... more)
            throws InterruptedException {
        StringBuilder expected = new StringBuilder("[a] ").append(first).append('\n');
        for (String piece : more) {
            expected.append("[a]+ ").append(piece).append('\n');
        }
        String printed = PumpFixture.print(limit(limit), "a", written.getBytes(UTF_8));
        assertThat(printed.length()).isEqualTo(expected.length());
        assertThat(printed.contentEquals(expected)).isTrue();
    }
}
