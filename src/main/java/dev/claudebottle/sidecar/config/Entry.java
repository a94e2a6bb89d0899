package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * One pair of a map.
 *
 * @param repeated the map has the name twice, and this is the second; that has been reported
 */
record Entry(String name, Value value, boolean repeated) {

    static List<Entry> of(Value owner, MappingNode map) {
        return of(
                owner,
                map,
                (name, keyAndValue) -> owner.child(name, keyAndValue.getKeyNode(), keyAndValue.getValueNode()));
    }

    /** As in Compose files, such a key is the user's own: a place for anchors, for example. */
    boolean isExtension() {
        return name.startsWith("x-");
    }

    /** In the order of the file. Reports keys that are not text, merge keys, and names that are given twice. */
    static List<Entry> of(Value owner, MappingNode map, BiFunction<String, NodeTuple, Value> naming) {
        List<Entry> entries = new ArrayList<>(map.getValue().size());
        Map<String, Integer> firstLines = new HashMap<>();
        for (NodeTuple pair : map.getValue()) {
            name(owner, pair.getKeyNode()).ifPresent(name -> {
                Value value = naming.apply(name, pair);
                Integer first = firstLines.putIfAbsent(name, value.line());
                if (first != null) {
                    value.error("given twice, first on line " + first, "each name once");
                }
                entries.add(new Entry(name, value, first != null));
            });
        }
        return entries;
    }

    private static Optional<String> name(Value owner, Node key) {
        Value place = new Value(owner.file(), owner.errors(), owner.key(), Value.lineOf(key), key, "key: ");
        if (key instanceof ScalarNode scalar
                && scalar.isPlain()
                && scalar.getValue().equals("<<")) {
            place.error("merging by << is not supported", "the keys themselves");
            return Optional.empty();
        }
        return place.written("a name");
    }
}
