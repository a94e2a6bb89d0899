package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The JSON Schema of bundle files, from the tables of keys that the reader follows. It is of draft 7, which is what all editors know, and its
 * patterns are regular expressions of every engine: no lookaround.
 */
final class BundleSchema {

    private static final List<String> SCALARS = List.of("string", "number", "boolean");

    private static final Map<String, Object> TEXT = written("^[^\\x00]*$", "text without a NUL");

    private static final long LONGEST_MINUTES = ScalarType.LONGEST.toMinutes();

    private static final Map<String, Object> IGNORED =
            Map.of("^x-", Map.of("description", "ignored; a place for anchors"));

    private BundleSchema() {}

    static Map<String, Object> schema() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("$id", "urn:claudebottle:sidecar-init:bundle");
        schema.put("title", "A bundle file of Sidecar Init");
        schema.put(
                "description",
                "The daemons of one container, and the rules for them. `sidecar-init check` also checks what no schema can.");
        schema.putAll(map(BundleKeys.ALL, Optional.of(Bundle.builder().build()), BundleKeys.DAEMONS));
        return schema;
    }

    /** What a file that leaves the key out gets; empty for a list or a map, whose own keys have theirs. */
    static <M> Optional<Object> defaultOf(Key<?, M> key, M model) {
        return key.render(model).filter(value -> !(value instanceof Collection || value instanceof Map));
    }

    /** @param defaults empty where what is left out depends on more than this map */
    private static <M> Map<String, Object> map(
            List<? extends Key<?, M>> keys, Optional<M> defaults, Key<?, ?>... required) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Key<?, M> key : keys) {
            Map<String, Object> property = new LinkedHashMap<>();
            property.put("description", description(key));
            property.putAll(
                    switch (key) {
                        case Key.Leaf<?, M, ?> leaf -> value(key, leaf.type());
                        case Key.Section<?, M> section -> section(section, defaults);
                    });
            defaults.flatMap(model -> defaultOf(key, model)).ifPresent(value -> property.put("default", value));
            properties.put(key.name(), property);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "object");
        if (required.length > 0) {
            map.put("required", List.of(required).stream().map(Key::name).toList());
        }
        map.put("properties", properties);
        map.put("patternProperties", IGNORED);
        map.put("additionalProperties", false);
        return map;
    }

    private static <M> Map<String, Object> section(Key.Section<?, M> section, Optional<M> defaults) {
        Map<String, Object> map = map(section.keys(), defaults);
        if (section == BundleKeys.NOTIFY) {
            map.put("not", Map.of("required", List.of(BundleKeys.NOTIFY_URL.name(), BundleKeys.NOTIFY_URLS.name())));
        }
        return map;
    }

    private static String description(Key<?, ?> key) {
        return key instanceof Key.Leaf<?, ?, ?> leaf && !leaf.type().expected().equals("a map")
                ? key.description() + " (" + leaf.type().expected() + ")"
                : key.description();
    }

    private static Map<String, Object> value(Key<?, ?> key, ValueType<?> type) {
        return switch (type) {
            case AddressType _ -> text("^" + AddressType.HOST + ":" + PatternOf.PORT + "$", type);
            case CommandType _ -> command();
            case DaemonsType _ -> daemons();
            case DirectoryType _ -> text("^[^\\x00]+$", type);
            case EnvironmentType _ ->
                ordered(
                        "type",
                        "object",
                        "propertyNames",
                        ordered("pattern", "^[^=\\x00]+$", "patternErrorMessage", "expected the name of a variable"),
                        "additionalProperties",
                        TEXT);
            case NameListType _ -> list(written("^" + DaemonReader.NAME + "$", "a daemon's name"));
            case ProbeType probe -> probe(probe);
            case RestartType restart ->
                map(
                        restart.keys(),
                        key == BundleKeys.RESTART
                                ? Optional.of(RestartPolicy.builder().build())
                                : Optional.empty());
            case ScalarType<?> scalar -> scalar(scalar);
            case UrlListType urls ->
                ordered(
                        "type",
                        "array",
                        "minItems",
                        1,
                        "maxItems",
                        urls.most(),
                        "uniqueItems",
                        true,
                        "items",
                        value(key, urls.item()));
            case UrlType url -> text(PatternOf.url(url.schemes()), type);
            case UserType _ ->
                ordered(
                        "type",
                        List.of("string", "integer"),
                        "pattern",
                        "^(" + UserType.NAME + "|" + PatternOf.ID + "(:" + PatternOf.ID + ")?)$",
                        "patternErrorMessage",
                        "expected " + type.expected(),
                        "minimum",
                        0,
                        "maximum",
                        UserType.HIGHEST_ID);
            case VariableNamesType _ -> list(written("^[^=\\x00]+$", "the name of a variable"));
            case WholeNumberType number ->
                ordered("type", "integer", "minimum", number.least(), "maximum", number.most());
        };
    }

    private static Map<String, Object> scalar(ScalarType<?> type) {
        if (type == ScalarType.DURATION) {
            return text("^([0-9]{1,9}(ms|s)|" + PatternOf.number(0, LONGEST_MINUTES) + "m)$", type);
        } else if (type == ScalarType.DURATION_ABOVE_ZERO) {
            return text("^(0*[1-9][0-9]{0,8}(ms|s)|" + PatternOf.number(1, LONGEST_MINUTES) + "m)$", type);
        } else if (type == ScalarType.LINE_SIZE) {
            return text(PatternOf.LINE_SIZE, type);
        } else if (type == ScalarType.SIGNAL) {
            return ordered("enum", PatternOf.SIGNALS, "errorMessage", "expected " + type.expected());
        } else if (type.words().isEmpty()) {
            throw new IllegalStateException("the schema does not know what is " + type.name());
        }
        return Map.of("enum", type.words());
    }

    private static Map<String, Object> command() {
        return ordered(
                "type",
                "array",
                "minItems",
                1,
                "items",
                List.of(written("^[^\\x00]+$", "a program")),
                "additionalItems",
                TEXT);
    }

    private static Map<String, Object> daemons() {
        Map<String, Object> name = ordered(
                "pattern",
                "^" + DaemonReader.NAME + "$",
                "patternErrorMessage",
                "expected a to z, 0 to 9 and -, not - first",
                "not",
                Map.of("enum", List.copyOf(new TreeSet<>(DaemonReader.RESERVED))));
        return ordered(
                "type",
                "object",
                "minProperties",
                1,
                // some name is no extension's
                "not",
                Map.of("propertyNames", Map.of("pattern", "^x-")),
                "propertyNames",
                Map.of("anyOf", List.of(name, Map.of("pattern", "^x-"))),
                "patternProperties",
                IGNORED,
                "additionalProperties",
                map(DaemonKeys.ALL, Optional.of(Daemon.of("any")), DaemonKeys.COMMAND));
    }

    private static Map<String, Object> probe(ProbeType type) {
        Probe defaults = Probe.builder()
                .target(new Probe.Target.Exec(List.of()))
                .failureThreshold(type.failureThreshold())
                .build();
        Map<String, Object> probe = map(type.keys(), Optional.of(defaults));
        probe.put(
                "oneOf",
                ProbeKeys.TARGETS.stream()
                        .map(target -> Map.of("required", List.of(target.name())))
                        .toList());
        probe.put("dependencies", Map.of(ProbeKeys.PROXY.name(), List.of(ProbeKeys.HTTP.name())));
        // a proxy's user can't be sent for an https URL
        probe.put(
                "not",
                ordered(
                        "required",
                        List.of(ProbeKeys.HTTP.name(), ProbeKeys.PROXY.name()),
                        "properties",
                        ordered(
                                ProbeKeys.HTTP.name(),
                                Map.of("pattern", "^https:"),
                                ProbeKeys.PROXY.name(),
                                Map.of("pattern", "^http://[^/?#]*@"))));
        return probe;
    }

    /** The message is what editors show in place of the pattern. */
    private static Map<String, Object> text(String pattern, ValueType<?> type) {
        return ordered("type", "string", "pattern", pattern, "patternErrorMessage", "expected " + type.expected());
    }

    /** As typed, whatever YAML takes it for. */
    private static Map<String, Object> written(String pattern, String expected) {
        return ordered("type", SCALARS, "pattern", pattern, "patternErrorMessage", "expected " + expected);
    }

    private static Map<String, Object> list(Map<String, Object> items) {
        return ordered("type", "array", "items", items);
    }

    /** Names and values by turns. {@link Map#of} has no order, and the schema is read by people. */
    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }
}
