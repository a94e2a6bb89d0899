package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The environment of a daemon, byte for byte: ISO 8859-1 maps each byte to one character. */
@NeedsNamespaces
class EnvironmentIT {

    @TempDir
    Path directory;

    private static Map<String, String> parse(String environ) {
        Map<String, String> variables = new TreeMap<>();
        for (String entry : environ.split("\0")) {
            String[] parts = entry.split("=", 2);
            variables.put(parts[0], parts[1]);
        }
        return variables;
    }

    /** The environment of cat, which adds no variables as a shell would. */
    private Map<String, String> found(ProgramBuilder builder, Path file) throws Exception {
        try (Program program = builder.start()) {
            program.awaitThat(
                    "the daemon's end",
                    () -> program.ownLines().stream().anyMatch(line -> line.startsWith("egress exited")));
        }
        return parse(Files.readString(file, ISO_8859_1));
    }

    private BundleText copying(Path file, String... keys) {
        return bundle().command("egress", List.of("cp", "/proc/self/environ", file.toString()), keys)
                .daemon("pipelock", "exec sleep 1000");
    }

    @Test
    void ourVariablesAreInheritedByteForByte() throws Exception {
        // Given: no locale; values that are invalid UTF-8, contain newlines, are empty or very long
        Path file = directory.resolve("environ");
        ProgramBuilder builder = ProgramBuilder.of(copying(file))
                .setup("export LATIN=$(printf 'caf\\351') UTF=caf\u00e9 EMPTY= LINES_='a\nb' EQUALS=a=b=c")
                .setup("export LONG=$(head -c 100000 /dev/zero | tr '\\0' x)")
                .setup(
                        "set -- env A.B-C=dots 1ST=digit 'ünï=accents' SHELLOPTS=braceexpand SHLVL=7 OLDPWD=/nowhere _=underscore"
                                + " 'BASH_FUNC_ls%%=() { false; }' \"$@\"");

        // When
        Map<String, String> ours;
        try (Program program = builder.start()) {
            program.awaitThat(
                    "the copy", () -> program.ownLines().stream().anyMatch(line -> line.startsWith("egress exited")));
            ours = parse(program.proc().read("environ"));
        }

        // Then
        Map<String, String> daemons = parse(Files.readString(file, ISO_8859_1));
        assertThat(daemons).isEqualTo(ours);
        assertThat(daemons)
                .containsEntry("LATIN", "caf\u00e9")
                .containsEntry("UTF", "caf\u00c3\u00a9")
                .containsEntry("EMPTY", "")
                .containsEntry("LINES_", "a\nb")
                .containsEntry("EQUALS", "a=b=c")
                .containsEntry("A.B-C", "dots")
                .containsEntry("1ST", "digit")
                .containsEntry("Ã¼nÃ¯", "accents")
                .containsEntry("SHELLOPTS", "braceexpand")
                .containsEntry("SHLVL", "7")
                .containsEntry("OLDPWD", "/nowhere")
                .containsEntry("_", "underscore")
                .containsEntry("BASH_FUNC_ls%%", "() { false; }")
                .doesNotContainKeys("LANG", "LC_ALL");
        assertThat(daemons.get("LONG")).hasSize(100_000);
    }

    @Test
    void theLauncherAddsNoVariable() throws Exception {
        // Given
        Path file = directory.resolve("environ");

        // When
        Map<String, String> daemons = found(ProgramBuilder.of(copying(file)), file);

        // Then: only PWD, which every shell sets
        assertThat(daemons)
                .containsOnlyKeys(
                        "CLAUDE_BOTTLE_SIDECAR_CONFIG",
                        "CLAUDE_BOTTLE_SIDECAR_SOCKET",
                        "JAVA_HOME",
                        "PATH",
                        "PWD",
                        "QUARKUS_HTTP_PORT");
    }

    @Test
    void itsOwnVariablesAreAddedAsWritten() throws Exception {
        // Given
        Path file = directory.resolve("environ");
        String own = "environment: {NUMBER: 1, DOLLAR: \"$HOME ${PATH}\", OURS: theirs, ACCENT: \"\u00e9\"}";

        // When
        Map<String, String> daemons =
                found(ProgramBuilder.of(copying(file, own)).env("OURS", "ours"), file);

        // Then
        assertThat(daemons)
                .containsEntry("NUMBER", "1")
                .containsEntry("DOLLAR", "$HOME ${PATH}")
                .containsEntry("OURS", "theirs")
                .containsEntry("ACCENT", "\u00c3\u00a9");
    }

    @Test
    void onlyTheNamedVariablesAreInheritedWhenAnyAreNamed() throws Exception {
        // Given
        Path file = directory.resolve("environ");
        ProgramBuilder builder = ProgramBuilder.of(
                        copying(file, "inherit_environment: [PATH, LATIN, MISSING]", "environment: {OWN: yes}"))
                .env("SECRET_OF_ANOTHER", "hunter2")
                .setup("export LATIN=$(printf 'caf\\351')");

        // When
        Map<String, String> daemons = found(builder, file);

        // Then
        assertThat(daemons).containsOnlyKeys("PATH", "LATIN", "OWN").containsEntry("LATIN", "caf\u00e9");
    }

    @Test
    void nothingIsInheritedWhenNothingIsNamed() throws Exception {
        // Given
        Path file = directory.resolve("environ");
        BundleText bundle = bundle().command(
                        "egress",
                        List.of("/bin/cp", "/proc/self/environ", file.toString()),
                        "inherit_environment: []",
                        "environment: {OWN: yes}")
                .daemon("pipelock", "exec sleep 1000");

        // When
        Map<String, String> daemons = found(ProgramBuilder.of(bundle), file);

        // Then
        assertThat(daemons).containsOnlyKeys("OWN");
    }
}
