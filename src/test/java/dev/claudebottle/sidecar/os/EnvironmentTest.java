package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Daemon;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@ForkedJvm
class EnvironmentTest {

    private static final String PATH = "PATH=/usr/bin:/bin";

    /** Reaps the processes that these tests spawn. */
    private final ChildrenFixture fixture = ChildrenFixture.shared();

    @Test
    void everythingIsInheritedByteForByteInTheSameOrder() throws Exception {
        // Given: invalid UTF-8, an empty value, a repeated name, entries that are no variables
        String[] odd = {PATH, "B=\u00ff\u0080\u00c3", "EMPTY=", "TWICE=1", "TWICE=2", "no equals sign", "=odd", "A=a\nb"
        };

        // When
        List<String> given = environmentOf(daemon(Map.of(), null), odd);

        // Then
        assertThat(given).containsExactly(odd);
    }

    @Test
    void aDaemonsOwnVariablesReplaceAllOfTheSameNameAndNoOthers() throws Exception {
        // Given
        Map<String, String> own = new LinkedHashMap<>();
        own.put("TWICE", "3");
        own.put("NEW", "");

        // When
        List<String> given =
                environmentOf(daemon(own, null), PATH, "TWICE=1", "B=\u00ff", "TWICE=2", "TWICE_AS=x", "TWIC=E");

        // Then
        assertThat(given).containsExactly(PATH, "B=\u00ff", "TWICE_AS=x", "TWIC=E", "TWICE=3", "NEW=");
    }

    @Test
    void onlyListedNamesThatExistAreInherited() throws Exception {
        // When
        List<String> given = environmentOf(
                daemon(Map.of("OWN", "x"), List.of("PATH", "B", "NOT_THERE")), PATH, "SECRET=s", "B=\u00ff", "BB=b");

        // Then
        assertThat(given).containsExactly(PATH, "B=\u00ff", "OWN=x");
    }

    @Test
    void anEmptyListInheritsNothing() throws Exception {
        // When
        List<String> given = environmentOf(daemon(Map.of("OWN", "x"), List.of()), PATH, "SECRET=s");

        // Then
        assertThat(given).containsExactly("OWN=x");
    }

    @Test
    void ofARepeatedNameTheFirstIsRead() {
        // When
        Map<String, String> map =
                environment("A=1", "A=2", "novalue", "E=", "X=a=b").asMap();

        // Then
        assertThat(map).containsExactly(Map.entry("A", "1"), Map.entry("E", ""), Map.entry("X", "a=b"));
    }

    @Test
    void anEmptyEnvironmentIsInheritedAsSuch() throws Exception {
        assertThat(environmentOf(daemon(Map.of(), null))).isEmpty();
    }

    private List<String> environmentOf(Daemon daemon, String... ours) throws CannotStartException {
        Spawner.Spawned spawned = Spawner.spawn(SpawnSpec.of(daemon, environment(ours)));
        String text = new String(TestPipe.readAll(spawned.output()), ISO_8859_1);
        return text.isEmpty() ? List.of() : List.of(text.split("\0"));
    }

    /** The environment of a process that was started with these entries; each character is a byte. */
    private static Environment environment(String... entries) {
        MemorySegment environ = Libc.function("environ").reinterpret(JAVA_LONG.byteSize());
        long before = environ.get(JAVA_LONG, 0);
        try (Arena arena = Arena.ofConfined()) {
            List<byte[]> bytes = Arrays.stream(entries)
                    .map(entry -> entry.getBytes(ISO_8859_1))
                    .toList();
            environ.set(JAVA_LONG, 0, Libc.toCArray(arena, bytes).address());
            return Environment.ours();
        } finally {
            environ.set(JAVA_LONG, 0, before);
        }
    }

    private static Daemon daemon(Map<String, String> environment, List<String> inherit) {
        Daemon.Builder daemon =
                Daemon.builder("guard", "/bin/cat", "/proc/self/environ").environment(environment);
        if (inherit != null) {
            daemon.inheritEnvironment(inherit);
        }
        return daemon.build();
    }
}
