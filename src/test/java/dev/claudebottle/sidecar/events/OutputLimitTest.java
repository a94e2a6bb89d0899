package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputLimitTest {

    private static final int MAX = 16 * 1024;

    /** What surrounds the only line: brackets and quotes; the comma that it doesn't have is counted all the same. */
    private static final int AROUND = 5;

    @Test
    void fewLinesAreKept() {
        assertThat(OutputLimit.newest(List.of("one", "", "two"))).containsExactly("one", "", "two");
        assertThat(OutputLimit.newest(List.of())).isEmpty();
    }

    @Test
    void theOldestLinesAreLeftOutWhole() {
        // Given: three lines of which two fit
        List<String> lines = List.of("a".repeat(100), "b".repeat(8000), "c".repeat(8300));

        // When / Then
        assertThat(OutputLimit.newest(lines)).containsExactly("b".repeat(8000), "c".repeat(8300));
        assertThat(OutputLimit.newest(List.of("a", "b".repeat(8100), "c".repeat(8300))))
                .containsExactly("c".repeat(8300));
    }

    @Test
    void emptyLinesCount() {
        assertThat(jsonSize(OutputLimit.newest(Collections.nCopies(20_000, ""))))
                .isLessThanOrEqualTo(MAX);
    }

    @Test
    void ofANewestLineThatIsTooLongItsEndIsKept() {
        // Given
        List<String> lines = List.of("before", "x".repeat(20_000) + "end");

        // When
        List<String> kept = OutputLimit.newest(lines);

        // Then
        assertThat(kept).containsExactly("x".repeat(MAX - AROUND - 3) + "end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\x01", "\\u202e", "\"", "\\", "é", "€", "😀", "\t", "\\xzz", "\\u12"})
    void noCharacterAndNoEscapeIsCut(String unit) {
        for (int offset = 0; offset < 12; offset++) {
            // Given
            String line = unit.repeat(MAX) + "x".repeat(offset);

            // When
            List<String> kept = OutputLimit.newest(List.of(line));

            // Then
            assertThat(kept).hasSize(1);
            String text = kept.getFirst();
            assertThat(line).endsWith(text);
            if (!unit.equals("\\xzz") && !unit.equals("\\u12")) {
                assertThat(text.substring(0, text.length() - offset).replace(unit, ""))
                        .isEmpty();
            }
            assertThat(jsonSize(kept)).isBetween(MAX - 12, MAX);
        }
    }

    @Test
    void noRandomOutputTakesMoreThanSixteenKibibytesOfJson() {
        Random random = new Random(42);
        List<String> units = List.of("a", "\\x1b", "\\u2028", "\"", "\\", "é", "€", "😀", "\t", "\u0001");
        for (int round = 0; round < 300; round++) {
            // Given
            List<String> lines = new ArrayList<>();
            for (int line = 0; line < 20; line++) {
                StringBuilder text = new StringBuilder();
                int length = random.nextInt(2000);
                for (int i = 0; i < length; i++) {
                    text.append(units.get(random.nextInt(units.size())));
                }
                lines.add(text.toString());
            }

            // When
            List<String> kept = OutputLimit.newest(lines);

            // Then: one line more would be too much
            assertThat(lines).endsWith(kept.toArray(String[]::new));
            assertThat(jsonSize(kept)).isLessThanOrEqualTo(MAX);
            if (kept.size() < lines.size()) {
                List<String> more = lines.subList(lines.size() - kept.size() - 1, lines.size());
                assertThat(jsonSize(more)).isGreaterThanOrEqualTo(MAX);
            }
        }
    }

    private static int jsonSize(List<String> lines) {
        StringWriter json = new StringWriter();
        try (JsonGenerator out = new JsonFactory().createGenerator(json)) {
            out.writeStartArray();
            for (String line : lines) {
                out.writeString(line);
            }
            out.writeEndArray();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return json.toString().getBytes(UTF_8).length;
    }
}
