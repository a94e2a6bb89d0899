package dev.claudebottle.sidecar.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.Node;

/** docs/bundle.schema.json: its text, and what it says of a file. */
final class PublishedSchema {

    static final Path FILE = Path.of("docs/bundle.schema.json");

    private static final Validator VALIDATOR =
            new ValidatorFactory().withJsonNodeFactory(new JsonNodes()).createValidator();

    /** The validator's regular expressions are Java's, whose $ also matches before a last newline: not so those of JSON Schema. */
    private static final URI SCHEMA = VALIDATOR.registerSchema(text().replace("$\"", "\\\\z\""));

    private PublishedSchema() {}

    static String published() {
        try {
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it has to be published. */
    static String text() {
        StringWriter text = new StringWriter();
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(
                        Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
                .withObjectIndenter(new DefaultIndenter("  ", "\n"));
        try (JsonGenerator json = new JsonFactory().createGenerator(text).setPrettyPrinter(printer)) {
            write(BundleSchema.schema(), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private static void write(Object value, JsonGenerator json) throws IOException {
        switch (value) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> property : map.entrySet()) {
                    json.writeFieldName((String) property.getKey());
                    write(property.getValue(), json);
                }
                json.writeEndObject();
            }
            case List<?> list -> {
                json.writeStartArray();
                for (Object item : list) {
                    write(item, json);
                }
                json.writeEndArray();
            }
            case String text -> json.writeString(text);
            case Boolean truth -> json.writeBoolean(truth);
            default -> json.writeNumber(value.toString());
        }
    }

    /** Each with the place in the file; empty when the file is valid. */
    static List<String> errorsIn(Node root) throws YamlAsJson.NotJson {
        return VALIDATOR.validate(SCHEMA, YamlAsJson.of(root)).getErrors().stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getError())
                .toList();
    }
}
