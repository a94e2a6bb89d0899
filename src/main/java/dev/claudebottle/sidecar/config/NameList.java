package dev.claudebottle.sidecar.config;

import java.util.ArrayList;
import java.util.List;

/** A list of daemons' names; each with the value that tells where it is. */
final class NameList {

    record Name(String text, Value value) {}

    private NameList() {}

    static List<Name> of(Value list) {
        List<Name> names = new ArrayList<>();
        list.items("a list of daemons")
                .ifPresent(items -> items.forEach(
                        item -> item.written("a daemon's name").ifPresent(text -> names.add(new Name(text, item)))));
        return names;
    }

    /** The names alone, in the order given, each once. */
    static List<String> texts(List<Name> names) {
        return names.stream().map(Name::text).distinct().toList();
    }
}
