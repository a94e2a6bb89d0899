package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One value of the file. A method that can't read it reports that, and returns empty.
 *
 * @param key its dotted path; empty for the whole file
 * @param line of its key, or of the item of a list
 * @param prefix of the problem in each error: which item of a list, for example
 */
record Value(String file, ConfigErrors errors, String key, int line, Node node, String prefix) {

    /** Stands for the key where the whole file is wrong. */
    static final String ROOT = "bundle";

    private static final Set<Tag> SCALARS = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL);

    Value(String file, ConfigErrors errors, String key, int line, Node node) {
        this(file, errors, key, line, node, "");
    }

    void error(String problem, String expected) {
        errors.inFile(file, line, key.isEmpty() ? ROOT : key, prefix + problem, expected);
    }

    /** An error in a word in place of which one of {@code known} may have been meant. */
    void error(String problem, String word, Collection<String> known, String expected) {
        error(problem + errors.suggestion(word, known), expected);
    }

    Value child(String name, Node keyNode, Node value) {
        String shown = Printable.cut(name);
        return new Value(file, errors, key.isEmpty() ? shown : key + "." + shown, lineOf(keyNode), value);
    }

    /** As typed, whatever YAML takes it for: {@code 012}, {@code true}, {@code 1.0}. */
    Optional<String> written(String expected) {
        return scalar(SCALARS, expected);
    }

    /** For lists and maps of text, where {@code ~} and {@code null} are likely to be meant as text. */
    Optional<String> writtenText() {
        return written(node.getTag().equals(Tag.NULL) ? "text (quote it if you mean the text)" : "text");
    }

    /** Only what YAML takes for text. */
    Optional<String> text(String expected) {
        return scalar(Set.of(Tag.STR), expected);
    }

    Optional<String> scalar(Set<Tag> allowed, String expected) {
        if (!(node instanceof ScalarNode scalar) || !allowed.contains(node.getTag())) {
            wrongType(expected);
            return Optional.empty();
        }
        String text = scalar.getValue();
        if (text.indexOf(0) >= 0) {
            error("contains a NUL", "text without it");
            return Optional.empty();
        }
        if (text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            error("contains half a surrogate pair", "Unicode text");
            return Optional.empty();
        }
        return Optional.of(text);
    }

    Optional<List<Value>> items(String expected) {
        if (!(node instanceof SequenceNode list) || !node.getTag().equals(Tag.SEQ)) {
            wrongType(expected);
            return Optional.empty();
        }
        List<Value> items = new ArrayList<>(list.getValue().size());
        for (Node item : list.getValue()) {
            String nth = "item " + (items.size() + 1) + ": ";
            items.add(new Value(file, errors, key, lineOf(item), item, nth));
        }
        return Optional.of(items);
    }

    Optional<MappingNode> map(String expected) {
        if (node instanceof MappingNode map && node.getTag().equals(Tag.MAP)) {
            return Optional.of(map);
        }
        wrongType(expected);
        return Optional.empty();
    }

    /** Never repeats the value: it may be a secret in the wrong place. */
    private void wrongType(String expected) {
        String type = switch (node.getTag().getValue()) {
            case Tag.PREFIX + "null" -> "null";
            case Tag.PREFIX + "map" -> "a map";
            case Tag.PREFIX + "seq" -> "a list";
            case Tag.PREFIX + "str" -> "text";
            case Tag.PREFIX + "int", Tag.PREFIX + "float" -> "a number";
            case Tag.PREFIX + "bool" -> "true or false";
            default -> "a YAML tag that has no meaning here";
        };
        error(type, expected);
    }

    static int lineOf(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
