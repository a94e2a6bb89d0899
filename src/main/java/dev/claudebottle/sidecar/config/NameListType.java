package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Names of daemons of the same file. Whether there are such daemons, {@link Dependencies} checks once all are known. */
record NameListType() implements ValueType<List<NameListType.Name>> {

    /** @param place in the file; empty when it does not come from one */
    record Name(String text, Optional<Value> place) {

        /** An error in its text, in place of which one of {@code known} may have been meant. */
        void error(String problem, Collection<String> known, String expected) {
            place.ifPresent(value -> value.error(problem, text, known, expected));
        }

        void error(String problem, String expected) {
            place.ifPresent(value -> value.error(problem, expected));
        }
    }

    @Override
    public String expected() {
        return "a list of daemons";
    }

    @Override
    public Optional<List<Name>> read(Value value) {
        return value.items(expected()).map(items -> {
            List<Name> names = new ArrayList<>();
            for (Value item : items) {
                item.written("a daemon's name").ifPresent(text -> names.add(new Name(text, Optional.of(item))));
            }
            return names;
        });
    }

    static List<Name> names(List<String> texts) {
        return texts.stream().map(text -> new Name(text, Optional.empty())).toList();
    }

    /** In the order given, each once. */
    static List<String> texts(List<Name> names) {
        return names.stream().map(Name::text).distinct().toList();
    }

    @Override
    public Object render(List<Name> names) {
        return texts(names);
    }
}
