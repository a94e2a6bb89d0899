package dev.claudebottle.sidecar.config;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A user's name, or {@code uid[:gid]}. Whether it exists is known only at the start. */
record UserType() implements ValueType<String> {

    static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*[$]?");
    private static final Pattern IDS = Pattern.compile("[0-9]{1,10}(:[0-9]{1,10})?");

    /** To the kernel the highest 32-bit number means "leave it as it is". */
    static final long HIGHEST_ID = 0xFFFF_FFFEL;

    @Override
    public String expected() {
        return "a user's name or uid[:gid]";
    }

    @Override
    public Optional<String> read(Value value) {
        Optional<String> user = value.scalar(Set.of(Tag.STR, Tag.INT), expected());
        user.filter(text -> !NAME.matcher(text).matches() && !areIds(text))
                .ifPresent(text -> value.error(Printable.quoted(text) + " is not a user", expected()));
        return user;
    }

    private static boolean areIds(String text) {
        if (!IDS.matcher(text).matches()) {
            return false;
        }
        for (String id : text.split(":")) {
            if (Long.parseLong(id) > HIGHEST_ID) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Object render(String user) {
        return user;
    }
}
