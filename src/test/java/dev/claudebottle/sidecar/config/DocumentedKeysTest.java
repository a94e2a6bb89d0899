package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/operating.md has the tables that {@link BundleKeys} gives. Where one differs, the failure prints the table to paste. */
class DocumentedKeysTest {

    @Test
    void everyKeyOfTheBundleIsDocumented() throws IOException {
        assertDocumented(BundleKeys.ALL, Map.of("", Bundle.builder().build()));
    }

    @Test
    void everyKeyOfRestartIsDocumented() throws IOException {
        assertDocumented(RestartKeys.ALL, Map.of("", Bundle.builder().build().restart()));
    }

    @Test
    void everyKeyOfADaemonIsDocumented() throws IOException {
        assertDocumented(DaemonKeys.ALL, Map.of("", Daemon.of("any")));
    }

    @Test
    void everyKeyOfAProbeIsDocumented() throws IOException {
        assertDocumented(
                ProbeKeys.ALL,
                Map.of("readiness", byDefault(ProbeType.READINESS), "liveness", byDefault(ProbeType.LIVENESS)));
    }

    private static Probe byDefault(ProbeType type) {
        return Probe.builder()
                .target(new Probe.Target.Exec(List.of()))
                .failureThreshold(type.failureThreshold())
                .build();
    }

    /** @param defaults of the map, by what it is for */
    private static <M> void assertDocumented(List<? extends Key<?, M>> keys, Map<String, M> defaults)
            throws IOException {
        String table = "| key | value | default | meaning |\n|---|---|---|---|\n"
                + keys.stream().flatMap(key -> rows("", key, defaults)).collect(Collectors.joining("\n"))
                + "\n";

        boolean documented = Files.readString(Path.of("docs/operating.md")).contains("\n\n" + table + "\n");

        assertThat(documented)
                .as("docs/operating.md has this table:%n%s", table)
                .isTrue();
    }

    private static <M> Stream<String> rows(String path, Key<?, M> key, Map<String, M> defaults) {
        String name = path + key.name();
        String expected = switch (key) {
            case Key.Leaf<?, ?, ?> value -> value.type().expected();
            case Key.Section<?, ?> _ -> "a map";
        };
        String row = "| `" + name + "` | " + expected + " | " + defaultText(key, defaults) + " | " + key.description()
                + " |";
        return key instanceof Key.Section<?, M> section
                ? Stream.concat(
                        Stream.of(row), section.keys().stream().flatMap(inner -> rows(name + ".", inner, defaults)))
                : Stream.of(row);
    }

    /** Where the map's uses differ, each has its own. */
    private static <M> String defaultText(Key<?, M> key, Map<String, M> defaults) {
        List<String> texts = defaults.values().stream()
                .map(model -> text(key, model))
                .distinct()
                .toList();
        return texts.size() == 1
                ? texts.getFirst()
                : defaults.entrySet().stream()
                        .map(use -> use.getKey() + " " + text(key, use.getValue()))
                        .sorted()
                        .collect(Collectors.joining(", "));
    }

    private static <M> String text(Key<?, M> key, M model) {
        return key.render(model)
                .filter(value -> !(value instanceof Collection || value instanceof Map))
                .map(value -> "`" + value + "`")
                .orElse("");
    }
}
