package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/bundle.schema.json. That it agrees with the reader, {@link BundleFixture} asserts on every file of this package's tests. */
class BundleSchemaTest {

    private static final Path RIGHT_ONE = Path.of("target/bundle.schema.json");

    @Test
    void theSchemaIsThatOfTheKeys() throws IOException {
        String schema = PublishedSchema.text();
        Files.writeString(RIGHT_ONE, schema);

        assertThat(Files.exists(PublishedSchema.FILE) ? PublishedSchema.published() : "")
                .as("%s; the right one is %s: copy it", PublishedSchema.FILE, RIGHT_ONE)
                .isEqualTo(schema);
    }

    static List<SchemaAgreement.ReadersOwn> readersOwn() {
        return SchemaAgreement.READERS_OWN;
    }

    @ParameterizedTest
    @MethodSource("readersOwn")
    void whatOnlyTheReaderFindsIsValidBySchemaOrNoJson(SchemaAgreement.ReadersOwn rule) {
        assertThat(BundleFixture.errorsIn(rule.sample()))
                .as("what the reader says")
                .isNotEmpty()
                .allMatch(rule.error().asPredicate());
        assertThat(schemaErrorsIn(rule.sample())).isEmpty();
    }

    private static List<String> schemaErrorsIn(String file) {
        Value root = YamlDocument.parse("b.yaml", file.getBytes(StandardCharsets.UTF_8), new ConfigErrors())
                .orElseThrow();
        try {
            return PublishedSchema.errorsIn(root.node());
        } catch (YamlAsJson.NotJson _) {
            return List.of();
        }
    }

    @ParameterizedTest
    @CsvSource({"0,7", "1,10", "64,4194", "1,4096", "5,99", "100,1000", "38,12345"})
    void aPatternOfNumbersMatchesExactlyThese(int least, int most) {
        Pattern pattern = Pattern.compile(PatternOf.number(least, most));

        assertThat(IntStream.range(0, 20_000)
                        .filter(n -> pattern.matcher("" + n).matches()))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(least, most).boxed().toList());
        assertThat(pattern.matcher("00" + most).matches()).isTrue();
        assertThat(pattern.matcher("").matches()).isFalse();
    }
}
