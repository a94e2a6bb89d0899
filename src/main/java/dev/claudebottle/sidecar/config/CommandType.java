package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A program and its arguments, as written: no shell, no interpolation. */
record CommandType() implements ValueType<List<String>> {

    @Override
    public String expected() {
        return "a list of the program and its arguments";
    }

    @Override
    public Optional<List<String>> read(Value value) {
        Optional<List<Value>> items = value.items(expected());
        if (items.isEmpty()) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>();
        for (Value item : items.get()) {
            item.writtenText().ifPresent(command::add);
        }
        if (items.get().isEmpty() || !command.isEmpty() && command.getFirst().isEmpty()) {
            value.error(items.get().isEmpty() ? "an empty list" : "an empty program", expected());
            return Optional.empty();
        }
        return Optional.of(command).filter(all -> all.size() == items.get().size());
    }

    @Override
    public Object render(List<String> command) {
        return command;
    }
}
