package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A program and its arguments, as written; no shell, no interpolation. */
final class CommandReader {

    private static final String EXPECTED = "a list of the program and its arguments";

    private CommandReader() {}

    static Optional<List<String>> read(Value value) {
        Optional<List<Value>> items = value.items(EXPECTED);
        if (items.isEmpty()) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>();
        for (Value item : items.get()) {
            item.written(item.isNull() ? "text (quote it if you mean the text)" : "text")
                    .ifPresent(command::add);
        }
        if (items.get().isEmpty() || !command.isEmpty() && command.getFirst().isEmpty()) {
            value.error(items.get().isEmpty() ? "an empty list" : "an empty program", EXPECTED);
            return Optional.empty();
        }
        return Optional.of(command).filter(all -> all.size() == items.get().size());
    }
}
