package dev.claudebottle.sidecar.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/** Parses the bytes of a bundle file, which are one YAML document. */
final class YamlDocument {

    /** The engine's composer recurses; a bundle needs five levels. */
    private static final int DEEPEST = 50;

    /** The composer would merge maps at this tag, without end for a map that is merged into itself. */
    private static final Optional<String> MERGE = Optional.of(Tag.MERGE.getValue());

    /** The limit on aliases keeps a small file from expanding into a huge bundle. */
    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setSchema(new CoreSchemaWithoutMerge())
            .setMaxAliasesForCollections(100)
            .build();

    private static final Set<ScalarStyle> QUOTES = Set.of(ScalarStyle.SINGLE_QUOTED, ScalarStyle.DOUBLE_QUOTED);

    private final String file;
    private final ConfigErrors errors;

    /** The latest one. */
    private Optional<ScalarEvent> quoted = Optional.empty();

    private YamlDocument(String file, ConfigErrors errors) {
        this.file = file;
        this.errors = errors;
    }

    /** Empty after an error. */
    static Optional<Value> parse(String file, byte[] bytes, ConfigErrors errors) {
        return new YamlDocument(file, errors).parse(bytes);
    }

    private Optional<Value> parse(byte[] bytes) {
        Optional<String> text = decode(bytes);
        try {
            return text.filter(this::isOneShallowDocument)
                    .flatMap(yaml -> new Compose(SETTINGS).composeString(yaml))
                    .map(this::root);
        } catch (MarkedYamlEngineException e) {
            refuse(SyntaxError.of(e, quoted));
        } catch (ReaderException e) {
            int at = text.orElseThrow().indexOf(e.getCodePoint());
            error(lineOf(text.orElseThrow(), Math.max(at, 0)), "a control character", SyntaxError.VALID);
        } catch (YamlEngineException e) {
            refuse(SyntaxError.of(e));
        }
        return Optional.empty();
    }

    private Optional<String> decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            return Optional.of(decoder.decode(in).toString());
        } catch (CharacterCodingException _) {
            // The decoder stops in front of the byte that it can't decode.
            String before = new String(bytes, 0, in.position(), StandardCharsets.UTF_8);
            error(lineOf(before, before.length()), "not UTF-8", "a bundle file in UTF-8");
            return Optional.empty();
        }
    }

    /** The composer would overflow the stack on deep nesting, and silently drop all documents but the first. */
    private boolean isOneShallowDocument(String yaml) {
        int documents = 0;
        int depth = 0;
        for (Event event : new Parse(SETTINGS).parseString(yaml)) {
            if (event instanceof ScalarEvent scalar && QUOTES.contains(scalar.getScalarStyle())) {
                quoted = Optional.of(scalar);
            }
            switch (event.getEventId()) {
                case DocumentStart -> documents++;
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                default -> {}
            }
            if (documents > 1) {
                error(line(event.getStartMark()), "a second document", "one document");
                return false;
            }
            if (depth > DEEPEST) {
                error(line(event.getStartMark()), "nested more than " + DEEPEST + " levels deep", "a bundle");
                return false;
            }
            if (event instanceof ScalarEvent scalar && scalar.getTag().equals(MERGE)) {
                error(line(event.getStartMark()), "a YAML tag that has no meaning here", "a bundle without merging");
                return false;
            }
        }
        if (documents == 0) {
            error(1, "empty", "a map with the key daemons");
        }
        return documents == 1;
    }

    private Value root(Node node) {
        return new Value(file, errors, "", line(node.getStartMark()), node);
    }

    private void refuse(SyntaxError mistake) {
        error(mistake.line(), mistake.problem(), mistake.expected());
    }

    private void error(int line, String problem, String expected) {
        errors.inFile(file, line, Value.ROOT, problem, expected);
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(0) + 1;
    }

    private static int lineOf(String text, int index) {
        return 1
                + (int) text.substring(0, index)
                        .replace("\r\n", "\n")
                        .chars()
                        .filter(c -> c == '\n' || c == '\r')
                        .count();
    }

    /** {@code ~} is null, as in Compose files. {@code <<} is a key like any other: the format has no merging. */
    private static final class CoreSchemaWithoutMerge extends JsonSchema {
        @Override
        public ScalarResolver getScalarResolver() {
            return new CoreScalarResolver(false);
        }
    }
}
