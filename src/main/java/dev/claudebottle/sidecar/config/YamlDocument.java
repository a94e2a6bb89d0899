package dev.claudebottle.sidecar.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
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

/** From bytes to the one YAML document in them, or to the reason why there is none. */
final class YamlDocument {

    /** The engine's composer recurses; a bundle needs five levels. */
    private static final int DEEPEST = 50;

    /** Makes the composer merge maps, which never ends for a map that is merged into itself. */
    private static final Optional<String> MERGE = Optional.of(Tag.MERGE.getValue());

    /** The limit on aliases keeps a small file from meaning a huge bundle. */
    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setSchema(new CoreSchemaWithoutMerge())
            .setMaxAliasesForCollections(100)
            .build();

    /** Behind these words the engine repeats what is in the file, which may be a secret. */
    private static final String[] TELLTALES = {
        ", but ", "found character", "escape character", "undefined alias", "tag handle", "version:", "UTF-8:"
    };

    private final String file;
    private final ConfigErrors errors;

    private YamlDocument(String file, ConfigErrors errors) {
        this.file = file;
        this.errors = errors;
    }

    /** Empty after a error. */
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
            refuse(line(e.getProblemMark().or(e::getContextMark)), e.getProblem());
        } catch (ReaderException e) {
            int at = text.orElseThrow().indexOf(e.getCodePoint());
            refuse(lineOf(text.orElseThrow(), Math.max(at, 0)), "a control character");
        } catch (YamlEngineException e) {
            refuse(1, String.valueOf(e.getMessage()));
        }
        return Optional.empty();
    }

    private Optional<String> decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            return Optional.of(decoder.decode(in).toString());
        } catch (CharacterCodingException _) {
            // The decoder stops in front of the byte that it can't take.
            String before = new String(bytes, 0, in.position(), StandardCharsets.UTF_8);
            error(lineOf(before, before.length()), "not UTF-8", "a bundle file in UTF-8");
            return Optional.empty();
        }
    }

    /** What the composer can't be given: it would recurse without end, or take the first document only. */
    private boolean isOneShallowDocument(String yaml) {
        int documents = 0;
        int depth = 0;
        for (Event event : new Parse(SETTINGS).parseString(yaml)) {
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

    private void refuse(int line, String problem) {
        String told = problem;
        for (String telltale : TELLTALES) {
            int at = told.indexOf(telltale);
            if (at >= 0) {
                told = told.substring(0, at) + (telltale.startsWith(",") ? "" : telltale.replace(":", ""));
            }
        }
        if (told.equals("found character")) {
            told = problem.contains("(TAB)") ? "a tab as indentation" : "a character that must be quoted";
        }
        error(line, "not valid YAML (" + told + ")", "a bundle in YAML");
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

    /** {@code ~} is null, as in Compose files. {@code <<} is a key like any other: merging is no part of the format. */
    private static final class CoreSchemaWithoutMerge extends JsonSchema {
        @Override
        public ScalarResolver getScalarResolver() {
            return new CoreScalarResolver(false);
        }
    }
}
