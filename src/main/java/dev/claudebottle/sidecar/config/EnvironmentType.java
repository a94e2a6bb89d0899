package dev.claudebottle.sidecar.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Variables with their values. Neither errors nor the rendering repeat what may be part of a value. */
record EnvironmentType() implements ValueType<Map<String, String>> {

    private static final String HIDDEN = "***";

    @Override
    public String expected() {
        return "a map of names to values";
    }

    @Override
    public Optional<Map<String, String>> read(Value value) {
        return value.map(expected()).map(map -> {
            Map<String, String> environment = new LinkedHashMap<>();
            for (Entry entry : Entry.of(value, map, (name, pair) -> child(value, map, name, pair))) {
                VariableNamesType.checkName(entry.name(), entry.value());
                entry.value().writtenText().ifPresent(written -> environment.put(entry.name(), written));
            }
            return Collections.unmodifiableMap(environment);
        });
    }

    /**
     * YAML takes {@code two} in {@code {PASSWORD: one,two}} for a name without a value, and so all of {@code {PASSWORD=one}}:
     * an error must not repeat either.
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

    @Override
    public Object render(Map<String, String> environment) {
        Map<String, String> hidden = new LinkedHashMap<>();
        environment.keySet().forEach(name -> hidden.put(name, HIDDEN));
        return hidden;
    }
}
