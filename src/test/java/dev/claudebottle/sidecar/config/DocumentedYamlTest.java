package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.claudebottle.sidecar.bundle.Bundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** The YAML in the documents and the bundle files of the repository, each read as {@code check} does. */
class DocumentedYamlTest {

    private static final Path TOP = Path.of("").toAbsolutePath();

    private static final Pattern FENCE = Pattern.compile("( *)(```+|~~~+) *([A-Za-z]*).*");

    /** By the keys of its top level: one of these sets is there whole. */
    private static final Map<String, List<Set<String>>> OTHER_FORMATS = Map.of(
            "Compose", List.of(Set.of("services")),
            "Kubernetes", List.of(Set.of("apiVersion", "kind"), Set.of("env", "readinessProbe")),
            "values of the chart", List.of(Set.of("allowedHosts")),
            "Kustomize", List.of(Set.of("resources", "components")),
            "Prometheus", List.of(Set.of("groups"), Set.of("scrape_configs"), Set.of("rule_files")),
            "Alertmanager", List.of(Set.of("route", "receivers")),
            "a workflow of GitHub", List.of(Set.of("on", "jobs")),
            "the credentials of egress, which its own tests read", List.of(Set.of("host", "header")));

    @TempDir
    private Path directory;

    record Block(Path file, int line, String language, String text) {

        @Override
        public String toString() {
            return TOP.relativize(file) + ":" + line;
        }
    }

    static List<Block> yamlBlocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path file : files(".md")) {
            blocksOf(file, Files.readString(file)).stream()
                    .filter(DocumentedYamlTest::isYaml)
                    .forEach(blocks::add);
        }
        return blocks;
    }

    static List<Path> bundleFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path file : files(".yaml")) {
            if (file.startsWith(TOP.resolve("examples")) || file.startsWith(TOP.resolve("src/main/docker"))) {
                if (rootKeys(Files.readString(file)).contains("daemons")) {
                    files.add(file);
                }
            }
        }
        return files;
    }

    @ParameterizedTest
    @MethodSource("yamlBlocks")
    void aBlockIsABundleThatCheckTakesOrIsOfAnotherKnownFormat(Block block) throws IOException {
        if (!isOfAnotherFormat(block.text())) {
            check(wholeFile(block.text()));
        }
    }

    @ParameterizedTest
    @MethodSource("bundleFiles")
    void aBundleFileIsTakenByCheckAndNamesItsSchema(Path file) throws IOException {
        String text = Files.readString(file);
        Matcher schema =
                Pattern.compile("# yaml-language-server: \\$schema=(\\S+)\n").matcher(text);

        check(text);
        assertThat(schema.lookingAt()).as("its first line names the schema").isTrue();
        assertThat(file.resolveSibling(schema.group(1)).normalize()).isEqualTo(TOP.resolve(PublishedSchema.FILE));
    }

    @Test
    void theBlocksOfOperatingAndReadmeAndTheFileOfTheImageAreFound() throws IOException {
        assertThat(yamlBlocks())
                .extracting(block -> TOP.relativize(block.file()).toString())
                .contains("README.md", "docs/operating.md");
        assertThat(bundleFiles()).contains(TOP.resolve("src/main/docker/sidecars.yaml"));
    }

    @Test
    void blocksAreFoundInListsWithTheirLinesAndWithoutTheirLabels() {
        List<Block> blocks = blocksOf(TOP, """
                - one:

                  ```yaml
                  daemons:
                    a: {command: [x]}
                  ```
                ~~~
                $ ls
                ~~~
                ```
                logs: {format: json}
                ```
                """);

        assertThat(blocks).extracting(Block::line).containsExactly(3, 7, 10);
        assertThat(blocks.getFirst().text()).isEqualTo("daemons:\n  a: {command: [x]}\n");
        assertThat(blocks.stream().filter(DocumentedYamlTest::isYaml))
                .extracting(Block::line)
                .containsExactly(3, 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "daemons: {a: {command: [x], depends_on: [b]}}",
                "demons: {a: {command: [x]}}",
                "logs: {fromat: json}",
                "a: {command: [x], usr: me}",
                "command: [x]\nuser: 'me too'",
                "some: thing",
                "[1, 2]"
            })
    void aBlockWithAMistakeAndOneOfNoKnownFormatAreRefused(String text) {
        assertThat(isOfAnotherFormat(text)).isFalse();
        assertThatThrownBy(() -> check(wholeFile(text))).isInstanceOf(InvalidBundleException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"logs: {format: json}", "a: {command: [x], user: me}", "command: [x]\nuser: me"})
    void aPartOfABundleFileIsReadInItsPlace(String text) throws IOException {
        assertThat(check(wholeFile(text)).daemons()).hasSize(1);
    }

    private Bundle check(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("b.yaml"), text);
        Bundle bundle = Settings.read(Flags.of(Map.of(Flags.CONFIG, file.toString())), Map.of())
                .bundle();
        assertThat(BundleFixture.errorsIn(text.getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        return bundle;
    }

    /** Some keys of the top level, daemons by their names, or the keys of one daemon: each becomes a file with a daemon. */
    private static String wholeFile(String text) {
        Set<String> keys = rootKeys(text);
        if (keys.contains("daemons")) {
            return text;
        } else if (keys.contains("command")) {
            return "daemons:\n  any:\n" + text.indent(4);
        } else if (load(text).getLast() instanceof Map<?, ?> map
                && map.values().stream()
                        .allMatch(value -> value instanceof Map<?, ?> daemon && daemon.containsKey("command"))) {
            return "daemons:\n" + text.indent(2);
        }
        return text.stripTrailing() + "\ndaemons: {any: {command: [any]}}\n";
    }

    /** Also one that should have a label. */
    private static boolean isYaml(Block block) {
        if (!block.language().isEmpty()) {
            return block.language().matches("(?i)ya?ml");
        }
        try {
            return BundleKeys.ALL.stream()
                    .anyMatch(key -> rootKeys(block.text()).contains(key.name()));
        } catch (YamlEngineException _) {
            return false;
        }
    }

    private static boolean isOfAnotherFormat(String text) {
        Set<String> keys = rootKeys(text);
        return OTHER_FORMATS.values().stream().flatMap(List::stream).anyMatch(keys::containsAll);
    }

    /** Those of all its documents, of a list those that each of its elements has. */
    private static Set<String> rootKeys(String text) {
        Set<String> keys = new HashSet<>();
        for (Object document : load(text)) {
            if (document instanceof Map<?, ?> map) {
                map.keySet().forEach(key -> keys.add(String.valueOf(key)));
            } else if (document instanceof List<?> list && list.getFirst() instanceof Map<?, ?> first) {
                first.keySet().stream()
                        .filter(key -> list.stream()
                                .allMatch(element -> element instanceof Map<?, ?> map && map.containsKey(key)))
                        .forEach(key -> keys.add(String.valueOf(key)));
            }
        }
        return keys;
    }

    private static List<Object> load(String text) {
        List<Object> documents = new ArrayList<>();
        LoadSettings settings = LoadSettings.builder().build();
        new Load(settings).loadAllFromString(text).forEach(documents::add);
        return documents;
    }

    private static List<Block> blocksOf(Path file, String markdown) {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = markdown.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            if (!fence.matches()) {
                continue;
            }
            int start = i;
            StringBuilder text = new StringBuilder();
            while (++i < lines.size() && !lines.get(i).strip().equals(fence.group(2))) {
                text.append(lines.get(i).replaceFirst("^ {0," + fence.group(1).length() + "}", ""))
                        .append('\n');
            }
            blocks.add(new Block(file, start + 1, fence.group(3), text.toString()));
        }
        return blocks;
    }

    /** But those of hidden directories and of what is built. */
    private static List<Path> files(String suffix) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path entry : children(TOP)) {
            String name = entry.getFileName().toString();
            if (Files.isRegularFile(entry) && name.endsWith(suffix)) {
                files.add(entry);
            } else if (Files.isDirectory(entry) && !name.startsWith(".") && !name.equals("target")) {
                try (Stream<Path> below = Files.walk(entry)) {
                    below.filter(path -> path.toString().endsWith(suffix)).forEach(files::add);
                }
            }
        }
        return files;
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }
}
