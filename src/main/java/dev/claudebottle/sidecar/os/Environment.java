package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The variables of an environment, byte for byte. {@link System#getenv()} decodes by the locale, which without LANG
 * destroys UTF-8.
 */
public final class Environment {

    private final List<byte[]> entries;

    private Environment(List<byte[]> entries) {
        this.entries = entries;
    }

    /** The environment that we were started with (environ(7)). */
    public static Environment ours() {
        MemorySegment environ = Libc.function("environ").reinterpret(JAVA_LONG.byteSize());
        List<byte[]> entries = new ArrayList<>();
        long table = environ.get(JAVA_LONG, 0);
        if (table != 0) {
            MemorySegment pointers = MemorySegment.ofAddress(table).reinterpret(Long.MAX_VALUE);
            for (long at = 0; pointers.get(JAVA_LONG, at) != 0; at += JAVA_LONG.byteSize()) {
                entries.add(Libc.bytes(pointers.get(JAVA_LONG, at)));
            }
        }
        return new Environment(List.copyOf(entries));
    }

    /** The values by name, for our own settings: of a repeated name the first, and invalid UTF-8 as U+FFFD. */
    public Map<String, String> asMap() {
        Map<String, String> variables = new LinkedHashMap<>();
        for (byte[] entry : entries) {
            String[] parts = new String(entry, UTF_8).split("=", 2);
            if (parts.length == 2) {
                variables.putIfAbsent(parts[0], parts[1]);
            }
        }
        return variables;
    }

    /** The value of a variable; of a repeated name the first. */
    Optional<byte[]> bytesOf(String name) {
        byte[] key = name.getBytes(UTF_8);
        return entries.stream()
                .filter(entry -> isNamed(entry, key))
                .findFirst()
                .map(entry -> Arrays.copyOfRange(entry, key.length + 1, entry.length));
    }

    /** Only the variables with these names. */
    Environment only(Set<String> names) {
        List<byte[]> keys = names.stream().map(name -> name.getBytes(UTF_8)).toList();
        return new Environment(entries.stream()
                .filter(entry -> keys.stream().anyMatch(key -> isNamed(entry, key)))
                .toList());
    }

    /** With these variables added, in place of all of the same name. */
    Environment with(Map<String, String> variables) {
        List<byte[]> changed = new ArrayList<>(entries);
        variables.forEach((name, value) -> {
            changed.removeIf(entry -> isNamed(entry, name.getBytes(UTF_8)));
            changed.add((name + "=" + value).getBytes(UTF_8));
        });
        return new Environment(List.copyOf(changed));
    }

    /** As execve(2) takes it. */
    MemorySegment toEnvp(Arena arena) {
        return Libc.toCArray(arena, entries);
    }

    private static boolean isNamed(byte[] entry, byte[] key) {
        return entry.length > key.length
                && entry[key.length] == '='
                && Arrays.equals(entry, 0, key.length, key, 0, key.length);
    }
}
