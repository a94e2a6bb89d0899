package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A daemon can neither forge a line nor control the operator's terminal. */
class EscapingTest {

    /** Separators and bidirectional controls, which are escaped too. */
    private static final Set<Integer> LAYOUT = Set.of(
            0x2028, 0x2029, 0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068,
            0x2069);

    /** The first and last bytes of every range in Unicode's table of well-formed UTF-8, and some ASCII. */
    private static final int[] ALPHABET = {
        'A', '~', 0x80, 0x85, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1,
        0xf4, 0xf5, 0xff
    };

    @Test
    void controlsAreEscaped() throws Exception {
        assertThat(PumpFixture.print("\u001b[2J\u0007 \0 \u007f \u009b31m \u0085\n"))
                .isEqualTo("[a] \\x1b[2J\\x07 \\x00 \\x7f \\x9b31m \\x85\n");
    }

    @Test
    void separatorsAndBidirectionalControlsAreEscaped() throws Exception {
        assertThat(PumpFixture.print("\u2028\u2029\u202e\u200f\u061c\u2066\n"))
                .isEqualTo("[a] \\u2028\\u2029\\u202e\\u200f\\u061c\\u2066\n");
    }

    @Test
    void aForgedLabelStaysInItsLine() throws Exception {
        assertThat(PumpFixture.print("x\r[pipelock] all is well\u2028sidecar-init: exit 0\n"))
                .isEqualTo("[a] x\\x0d[pipelock] all is well\\u2028sidecar-init: exit 0\n");
    }

    @Test
    void ourOwnLinesAreEscapedTooAndSplitAtTheirNewlines() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.text();

        // When
        fixture.pump.say(OwnLine.info("cannot start x: \u001b[31m\nsecond\u202e"));

        // Then
        assertThat(fixture.finish())
                .isEqualTo("sidecar-init: cannot start x: \\x1b[31m\nsidecar-init: second\\u202e\n"
                        + "sidecar-init: exit 0\n");
    }

    @Test
    void everyCharacterIsEscapedByTheRuleOrUnchanged() throws Exception {
        // Given: all of Unicode, 64 characters a line
        List<String> texts = new ArrayList<>();
        for (int start = 0; start <= Character.MAX_CODE_POINT; start += 64) {
            StringBuilder text = new StringBuilder();
            for (int c = start; c < start + 64; c++) {
                if (c != '\n' && (c < 0xd800 || c > 0xdfff)) {
                    text.appendCodePoint(c);
                }
            }
            texts.add(text.toString());
        }
        byte[] bytes = (String.join("\n", texts) + "\n").getBytes(UTF_8);

        // When
        List<String> plain = PumpFixture.print(LogFormat.TEXT, bytes).lines().toList();
        List<String> json = PumpFixture.print(LogFormat.JSON, bytes).lines().toList();

        // Then: String.lines() also splits at a lone \r, which must not come out
        assertThat(plain).hasSameSizeAs(texts);
        assertThat(json).hasSameSizeAs(texts);
        for (int i = 0; i < texts.size(); i++) {
            String safe = safe(texts.get(i));
            assertThat(plain.get(i)).isEqualTo("[a] " + safe);
            assertThat(new JsonObject(json.get(i)).getString("message")).isEqualTo(safe);
        }
    }

    /** Java's decoder and ours agree on the bytes that make one broken character, except for surrogates: see the next test. */
    @Test
    void invalidUtf8IsReplacedAsJavasDecoderDoes() throws Exception {
        // Given
        List<byte[]> sequences = new ArrayList<>();
        add(sequences, new byte[0]);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] sequence : sequences) {
            bytes.writeBytes(sequence);
            bytes.write('\n');
        }

        // When
        List<String> printed =
                PumpFixture.print(LogFormat.TEXT, bytes.toByteArray()).lines().toList();

        // Then
        assertThat(printed).hasSameSizeAs(sequences);
        for (int i = 0; i < sequences.size(); i++) {
            String expected = "[a] " + safe(decode(sequences.get(i)));
            if (!printed.get(i).equals(expected)) {
                assertThat(printed.get(i))
                        .as(HexFormat.of().formatHex(sequences.get(i)))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void anEncodedSurrogateIsThreeBrokenCharacters() throws Exception {
        // Given: three by Unicode's table 3-7 and most decoders; Java's counts one
        byte[] surrogate = {(byte) 0xed, (byte) 0xa0, (byte) 0x80, 'x'};

        // Then
        assertThat(PumpFixture.print(LogFormat.TEXT, surrogate)).isEqualTo("[a] \ufffd\ufffd\ufffdx\n");
    }

    private static void add(List<byte[]> sequences, byte[] start) {
        for (int next : ALPHABET) {
            byte[] longer = Arrays.copyOf(start, start.length + 1);
            longer[start.length] = (byte) next;
            if (!hasSurrogate(longer)) {
                sequences.add(longer);
                if (longer.length < 4) {
                    add(sequences, longer);
                }
            }
        }
    }

    private static boolean hasSurrogate(byte[] bytes) {
        for (int i = 0; i + 1 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xed && (bytes[i + 1] & 0xff) >= 0xa0 && (bytes[i + 1] & 0xff) <= 0xbf) {
                return true;
            }
        }
        return false;
    }

    private static String decode(byte[] bytes) throws Exception {
        return UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE)
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    /** The rule, implemented a second time. */
    private static String safe(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (c != '\t' && (c < 0x20 || c >= 0x7f && c <= 0x9f)) {
                safe.append(String.format("\\x%02x", c));
            } else if (LAYOUT.contains(c)) {
                safe.append(String.format("\\u%04x", c));
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }
}
