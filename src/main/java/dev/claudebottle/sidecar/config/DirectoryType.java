package dev.claudebottle.sidecar.config;

import java.util.Optional;

/** A directory. Whether it exists is known only at the start. */
record DirectoryType() implements ValueType<String> {

    @Override
    public String expected() {
        return "a directory";
    }

    @Override
    public Optional<String> read(Value value) {
        Optional<String> directory = value.text(expected());
        if (directory.filter(String::isEmpty).isPresent()) {
            value.error("empty", expected());
        }
        return directory;
    }

    @Override
    public Object render(String directory) {
        return directory;
    }
}
