package dev.claudebottle.sidecar.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A YAML document as a JSON Schema sees it: what the reader's own parser makes of it, with JSON's types. */
final class YamlAsJson {

    /** Deeper than any document that the reader accepts: it contains itself. */
    private static final int DEEPEST = 100;

    /** No JSON says it: an editor refuses it before it looks at a schema. */
    static final class NotJson extends Exception {

        private static final long serialVersionUID = 1L;

        NotJson(String what) {
            super(what);
        }
    }

    private YamlAsJson() {}

    static Object of(Node node) throws NotJson {
        return of(node, 0);
    }

    private static Object of(Node node, int depth) throws NotJson {
        if (depth > DEEPEST) {
            throw new NotJson("it contains itself");
        }
        return switch (node) {
            case ScalarNode scalar -> scalar(scalar);
            case SequenceNode list -> {
                List<Object> items = new ArrayList<>();
                for (Node item : list.getValue()) {
                    items.add(of(item, depth + 1));
                }
                yield items;
            }
            case MappingNode map -> map(map, depth);
            default -> throw new NotJson("an alias");
        };
    }

    private static Map<String, Object> map(MappingNode map, int depth) throws NotJson {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (NodeTuple pair : map.getValue()) {
            if (!(pair.getKeyNode() instanceof ScalarNode key) || key.getTag().equals(Tag.NULL)) {
                throw new NotJson("a name that is no text");
            }
            if (key.isPlain() && key.getValue().equals("<<")) {
                throw new NotJson("a merge");
            }
            if (properties.containsKey(key.getValue())) {
                throw new NotJson("a name given twice");
            }
            properties.put(key.getValue(), of(pair.getValueNode(), depth + 1));
        }
        return properties;
    }

    private static Object scalar(ScalarNode scalar) {
        String text = scalar.getValue();
        try {
            return switch (scalar.getTag().getValue()) {
                case Tag.PREFIX + "null" -> null;
                case Tag.PREFIX + "bool" -> Boolean.valueOf(text);
                case Tag.PREFIX + "int" -> integer(text);
                case Tag.PREFIX + "float" -> number(text);
                default -> text;
            };
        } catch (NumberFormatException _) {
            return text; // by an explicit tag, as in !!int x
        }
    }

    private static BigInteger integer(String text) {
        return text.startsWith("0x")
                ? new BigInteger(text.substring(2), 16)
                : text.startsWith("0o") ? new BigInteger(text.substring(2), 8) : new BigInteger(text);
    }

    /** Infinity and NaN, which JSON lacks, are numbers that are not whole. */
    private static BigDecimal number(String text) {
        return text.matches("(?i).*\\.(inf|nan)") ? new BigDecimal("0.5") : new BigDecimal(text);
    }
}
