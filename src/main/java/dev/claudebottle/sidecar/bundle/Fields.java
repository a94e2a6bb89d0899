package dev.claudebottle.sidecar.bundle;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A map whose keys the format fixes. */
final class Fields {

    private final Value owner;
    private final Map<String, Value> values = new HashMap<>();

    private Fields(Value owner) {
        this.owner = owner;
    }

    /** Empty, after a mistake, for anything but a map. Unknown keys are reported. */
    static Optional<Fields> of(Value owner, String expected, List<String> known) {
        return owner.map(expected).map(map -> {
            Fields fields = new Fields(owner);
            for (Entry entry : Entry.of(owner, map)) {
                if (!known.contains(entry.name())) {
                    entry.value().mistake("unknown key", "one of " + String.join(", ", known));
                } else if (!entry.repeated()) {
                    fields.values.put(entry.name(), entry.value());
                }
            }
            return fields;
        });
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    Optional<Value> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    <T> Optional<T> get(String name, Kind<T> kind) {
        return get(name).flatMap(value -> value.as(kind));
    }

    Optional<Value> required(String name, String expected) {
        if (!has(name)) {
            String key = owner.key().isEmpty() ? name : owner.key() + "." + name;
            owner.mistakes().inFile(owner.file(), owner.line(), key, "missing", expected);
        }
        return get(name);
    }
}
