package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Names of variables, without values: errors never repeat what follows a {@code =}. */
record VariableNamesType() implements ValueType<List<String>> {

    @Override
    public String expected() {
        return "a list of names";
    }

    @Override
    public Optional<List<String>> read(Value value) {
        return value.items(expected()).map(items -> {
            List<String> names = new ArrayList<>();
            for (Value item : items) {
                item.written("a name").ifPresent(name -> {
                    checkName(name, item);
                    names.add(name);
                });
            }
            return names;
        });
    }

    static void checkName(String name, Value where) {
        if (name.isEmpty()) {
            where.error("an empty name", "the name of a variable");
        } else if (name.contains("=")) {
            where.error("a name with =", "NAME: value in environment, NAME alone in inherit_environment");
        }
    }

    @Override
    public Object render(List<String> names) {
        return names;
    }
}
