package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.ByteSize;
import dev.claudebottle.sidecar.bundle.Colour;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Logs;
import io.vertx.core.json.JsonObject;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code colour: strip} leaves out complete SGR sequences, and nothing else. */
class ColourTest {

    private static final Logs STRIP = Logs.DEFAULT.withColour(Colour.STRIP);

    /** The rule, implemented a second time. */
    private static final Pattern SGR = Pattern.compile("(?:\u001b\\[|\u009b)[0-9:;]*m");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[32m",
                "\u001b[m",
                "\u001b[0;1;38;5;196m",
                "\u001b[38:2::255:0:0m",
                "\u001b[;;m",
                "\u009b31m",
                "\u009bm",
                "\u001b[1m\u001b[31m\u009b0m"
            })
    void aCompleteSequenceIsLeftOut(String sequence) throws Exception {
        assertThat(stripped("a" + sequence + "b\n" + sequence + "INFO" + sequence + "\n"))
                .isEqualTo("[a] ab\n[a] INFO\n");
    }

    @Test
    void aLineOfNothingElseIsEmpty() throws Exception {
        assertThat(stripped("\u001b[0m\n\u001b[0m\r\n\u001b[0m")).isEqualTo("[a] \n[a] \n[a] \n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[2J",
                "\u001b[?25m",
                "\u001b[>4;2m",
                "\u001b[1 m",
                "\u001b[31",
                "\u001b[",
                "\u001b",
                "\u001b]0;title\u0007m",
                "\u001bm",
                "\u001b\u001bm",
                "\u009b2J",
                "\u009b",
                "\u001b\u009b",
                "\u001b[3\u20281m",
                "[31m"
            })
    void everythingElseStaysEscaped(String text) throws Exception {
        assertThat(stripped(text + "\n")).isEqualTo(PumpFixture.print(text + "\n"));
    }

    @Test
    void whatIsLeftMakesNoNewSequence() throws Exception {
        assertThat(stripped("\u001b[\u001b[mm\n")).isEqualTo("[a] \\x1b[m\n");
        assertThat(stripped("\u001b\u001b[0m[31mred\n")).isEqualTo("[a] \\x1b[31mred\n");
        assertThat(stripped("\r\u001b[0m\n")).isEqualTo("[a] \\x0d\n");
    }

    @Test
    void whatIsLeftMakesNoNewCharacter() throws Exception {
        // Given: the two bytes of U+009B, which a sequence parts
        byte[] parted = "\u00c2\u001b[m\u009b31m".getBytes(ISO_8859_1);

        // Then
        assertThat(PumpFixture.print(STRIP, "a", parted)).isEqualTo("[a] \ufffd\ufffd31m\n");
    }

    @Test
    void aSequenceThatTheEndOfALineOrOfAPieceCutsStaysEscaped() throws Exception {
        assertThat(stripped("x\u001b[3\n1m\n")).isEqualTo("[a] x\\x1b[3\n[a] 1m\n");
        assertThat(PumpFixture.print(
                        STRIP.withMaxLine(new ByteSize("64B", 64)),
                        "a",
                        ("x".repeat(61) + "\u001b[31mred\n").getBytes(UTF_8)))
                .isEqualTo("[a] " + "x".repeat(61) + "\\x1b[3\n[a]+ 1mred\n");
    }

    @Test
    void inJsonTheMessageIsTheSameText() throws Exception {
        // Given
        byte[] line = "\u001b[31m\"red\"\u001b[0m\u001b[2J\n".getBytes(UTF_8);

        // When
        String json = PumpFixture.print(STRIP.withFormat(LogFormat.JSON), "a", line);

        // Then
        assertThat(new JsonObject(json).getString("message")).isEqualTo("\"red\"\\x1b[2J");
    }

    @Test
    void theLastLinesAreTheSameText() {
        // Given
        Tail tail = new Tail(new Escaper(false, Colour.STRIP));
        byte[] output = "\u001b[31mred\u001b[0m\u001b[2J\n\u001b[3".getBytes(UTF_8);

        // When
        tail.add(output, output.length);

        // Then
        assertThat(tail.lines(20)).containsExactly("red\\x1b[2J", "\\x1b[3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u001b", "\u001b[", "\u009b"})
    void theBeginningOfASequenceAtTheVeryEndIsNotReadBeyond(String end) {
        // Given
        Tail tail = new Tail(new Escaper(false, Colour.STRIP));
        byte[] output = end.getBytes(UTF_8);

        // When
        tail.add(output, output.length);

        // Then
        assertThat(tail.lines(20))
                .containsExactly(end.replace("\u001b", "\\x1b").replace("\u009b", "\\x9b"));
    }

    @Test
    void anyTextComesOutAsIfItsSequencesHadNotBeenThere() throws Exception {
        // Given
        SplittableRandom random = new SplittableRandom(1);
        String alphabet = "\u001b\u001b\u001b[[[mmm019:;?x\u009b\u20ac";
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            text.append(random.nextInt(20) == 0 ? '\n' : alphabet.charAt(random.nextInt(alphabet.length())));
        }

        // When
        String all = stripped(text + "\n");

        // Then: what is left of a text may look like a sequence, so it is escaped before it is put together
        StringBuilder expected = new StringBuilder();
        for (String line : text.append('\n').toString().split("\n", -1)) {
            expected.append("[a] ");
            for (String part : SGR.split(line)) {
                expected.append(part.replace("\u001b", "\\x1b").replace("\u009b", "\\x9b"));
            }
            expected.append('\n');
        }
        expected.setLength(expected.length() - "[a] \n".length());
        assertThat(all.contentEquals(expected)).isTrue();
    }

    private static String stripped(String text) throws InterruptedException {
        return PumpFixture.print(STRIP, "a", text.getBytes(UTF_8));
    }
}
