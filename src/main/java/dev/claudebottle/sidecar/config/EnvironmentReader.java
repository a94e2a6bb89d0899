package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** {@code environment} and {@code inherit_environment}. ConfigErrors repeat names, but nothing that may be part of a value. */
final class EnvironmentReader {

    private EnvironmentReader() {}

    static Map<String, String> read(Value value) {
        Map<String, String> environment = new LinkedHashMap<>();
        value.map("a map of names to values").ifPresent(map -> {
            for (Entry entry : Entry.of(value, map, (name, pair) -> child(value, map, name, pair))) {
                checkName(entry.name(), entry.value());
                Value text = entry.value();
                text.written(text.isNull() ? "text (quote it if you mean the text)" : "text")
                        .ifPresent(written -> environment.put(entry.name(), written));
            }
        });
        return Collections.unmodifiableMap(environment);
    }

    /** Without values: what follows a {@code =} does not belong there. */
    static List<String> readNames(Value value) {
        List<String> names = new ArrayList<>();
        value.items("a list of names")
                .ifPresent(items -> items.forEach(item -> item.written("a name").ifPresent(name -> {
                    checkName(name, item);
                    names.add(name);
                })));
        return names;
    }

    private static void checkName(String name, Value where) {
        if (name.isEmpty()) {
            where.error("an empty name", "the name of a variable");
        } else if (name.contains("=")) {
            where.error("a name with =", "NAME: value in environment, NAME alone in inherit_environment");
        }
    }

    /**
     * {@code {PASSWORD: one,two}} makes {@code two} a name without a value, and {@code {PASSWORD=one}} all of it: neither must
     * come out in a error.
     */
    private static Value child(Value owner, MappingNode map, String name, NodeTuple pair) {
        boolean noValue = pair.getValueNode() instanceof ScalarNode scalar
                && scalar.isPlain()
                && scalar.getValue().isEmpty();
        if (noValue && map.getFlowStyle() == FlowStyle.FLOW) {
            return new Value(
                    owner.file(),
                    owner.errors(),
                    owner.key(),
                    Value.lineOf(pair.getKeyNode()),
                    pair.getValueNode(),
                    "a name without a value: ");
        }
        return owner.child(name.replaceFirst("(?s)=.*", "="), pair.getKeyNode(), pair.getValueNode());
    }
}
