package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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
 * An environment, byte for byte. {@link System#getenv()} won't do: it decodes by the locale, and without LANG that
 * destroys UTF-8.
 */
public final class Environment {

    private final List<byte[]> entries;

    private Environment(List<byte[]> entries) {
        this.entries = entries;
    }

    /** The one that we were started with: libc's environ. */
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

    /** By name, for reading our own settings; bytes that are not UTF-8 come out as U+FFFD. */
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

    /** With these variables set, in place of any of the same name. */
    Environment with(Map<String, String> variables) {
        List<byte[]> changed = new ArrayList<>(entries);
        variables.forEach((name, value) -> {
            changed.removeIf(entry -> isNamed(entry, name.getBytes(UTF_8)));
            changed.add((name + "=" + value).getBytes(UTF_8));
        });
        return new Environment(List.copyOf(changed));
    }

    /** As C wants it: an array of pointers with a null at its end. */
    MemorySegment toC(Arena arena) {
        return pointers(arena, entries);
    }

    static MemorySegment pointers(Arena arena, List<byte[]> strings) {
        MemorySegment array = arena.allocate(JAVA_LONG, strings.size() + 1);
        for (int i = 0; i < strings.size(); i++) {
            array.setAtIndex(JAVA_LONG, i, string(arena, strings.get(i)).address());
        }
        return array;
    }

    static MemorySegment string(Arena arena, byte[] bytes) {
        MemorySegment string = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, string, JAVA_BYTE, 0, bytes.length);
        return string;
    }

    private static boolean isNamed(byte[] entry, byte[] key) {
        return entry.length > key.length
                && entry[key.length] == '='
                && Arrays.equals(entry, 0, key.length, key, 0, key.length);
    }
}
