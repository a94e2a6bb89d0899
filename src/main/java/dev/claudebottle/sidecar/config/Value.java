package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One value of the file. What a method can't read, it reports, and answers empty.
 *
 * @param key its dotted path; empty for the whole file
 * @param line of its key, or of the item of a list
 */
record Value(String file, ConfigErrors errors, String key, int line, Node node, String prefix) {

    /** Stands for the key where the whole file is wrong. */
    static final String ROOT = "bundle";

    /** Nine digits: fits an int. */
    static final int HIGHEST_NUMBER = 999_999_999;

    private static final Set<Tag> SCALARS = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL);
    private static final Pattern WHOLE_NUMBER = Pattern.compile("[0-9]{1,9}");

    Value(String file, ConfigErrors errors, String key, int line, Node node) {
        this(file, errors, key, line, node, "");
    }

    void error(String problem, String expected) {
        errors.inFile(file, line, key.isEmpty() ? ROOT : key, prefix + problem, expected);
    }

    Value child(String name, Node keyNode, Node value) {
        String shown = Printable.cut(name);
        return new Value(file, errors, key.isEmpty() ? shown : key + "." + shown, lineOf(keyNode), value);
    }

    /** As typed, whatever YAML takes it for: {@code 012}, {@code true}, {@code 1.0}. */
    Optional<String> written(String expected) {
        return scalar(SCALARS, expected);
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

    <T> Optional<T> as(ValueType<T> type) {
        return written(type.expected()).flatMap(text -> type.read(text, this::error));
    }

    /** At most {@link #HIGHEST_NUMBER}. */
    Optional<Integer> wholeNumber(int least, int most) {
        String expected = "a whole number from " + least + " to " + most;
        Optional<String> text = scalar(Set.of(Tag.INT), expected);
        Optional<Integer> number = text.filter(
                        digits -> WHOLE_NUMBER.matcher(digits).matches())
                .map(Integer::valueOf)
                .filter(n -> n >= least && n <= most);
        if (text.isPresent() && number.isEmpty()) {
            error(Printable.quoted(text.get()) + " is not " + expected, expected);
        }
        return number;
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

    boolean isNull() {
        return node.getTag().equals(Tag.NULL);
    }

    /** Never repeats the value: it may be a secret in the wrong place. */
    void wrongType(String expected) {
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
