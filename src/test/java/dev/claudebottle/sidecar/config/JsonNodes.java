package dev.claudebottle.sidecar.config;

import dev.harrel.jsonschema.JsonNode;
import dev.harrel.jsonschema.JsonNodeFactory;
import dev.harrel.jsonschema.SimpleType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** JSON as Java's own maps, lists, strings, booleans and numbers. */
final class JsonNodes implements JsonNodeFactory {

    @Override
    public JsonNode wrap(Object value) {
        return value instanceof JsonNode node ? node : new Node(value, "");
    }

    @Override
    public JsonNode create(String json) {
        return wrap(parse(json));
    }

    /** JSON is YAML. */
    static Object parse(String json) {
        return new Load(LoadSettings.builder().build()).loadFromString(json);
    }

    /** The validator asks again and again for what a node contains. */
    private static final class Node implements JsonNode {

        private final Object value;
        private final String pointer;
        private List<JsonNode> items;
        private Map<String, JsonNode> properties;

        Node(Object value, String pointer) {
            this.value = value;
            this.pointer = pointer;
        }

        @Override
        public String getJsonPointer() {
            return pointer;
        }

        @Override
        public SimpleType getNodeType() {
            return switch (value) {
                case null -> SimpleType.NULL;
                case Boolean _ -> SimpleType.BOOLEAN;
                case String _ -> SimpleType.STRING;
                case List<?> _ -> SimpleType.ARRAY;
                case Map<?, ?> _ -> SimpleType.OBJECT;
                case Double _, BigDecimal _ ->
                    asNumber().stripTrailingZeros().scale() <= 0 ? SimpleType.INTEGER : SimpleType.NUMBER;
                default -> SimpleType.INTEGER;
            };
        }

        @Override
        public boolean asBoolean() {
            return (Boolean) value;
        }

        @Override
        public String asString() {
            return (String) value;
        }

        @Override
        public BigInteger asInteger() {
            return asNumber().toBigIntegerExact();
        }

        @Override
        public BigDecimal asNumber() {
            return new BigDecimal(value.toString());
        }

        @Override
        public List<JsonNode> asArray() {
            if (items == null) {
                items = new ArrayList<>();
                for (Object item : (List<?>) value) {
                    items.add(new Node(item, pointer + "/" + items.size()));
                }
            }
            return items;
        }

        @Override
        public Map<String, JsonNode> asObject() {
            if (properties == null) {
                properties = new LinkedHashMap<>();
                ((Map<?, ?>) value).forEach((name, property) -> {
                    String path = pointer + "/" + JsonNode.encodeJsonPointer((String) name);
                    properties.put((String) name, new Node(property, path));
                });
            }
            return properties;
        }
    }
}
