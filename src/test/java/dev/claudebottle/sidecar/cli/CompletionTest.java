package dev.claudebottle.sidecar.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The completion scripts, in the real shells. */
class CompletionTest {

    @TempDir
    Path directory;

    private Path script(String shell) throws IOException {
        PrintStream out = System.out;
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        System.setOut(new PrintStream(script, true, UTF_8));
        try {
            assertThat(new SidecarInit().commandLine().execute("completion", shell))
                    .isZero();
        } finally {
            System.setOut(out);
        }
        return Files.write(directory.resolve("script"), script.toByteArray());
    }

    /** Runs a shell that must have nothing to complain about; returns what it prints, sorted. */
    private List<String> run(String... command) throws Exception {
        assumeTrue(
                List.of(System.getenv("PATH").split(":")).stream()
                        .anyMatch(path -> Files.isExecutable(Path.of(path, command[0]))),
                () -> command[0] + " is not installed");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        List<String> lines = new ArrayList<>(new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .map(line -> line.strip().replaceFirst("\t.*", ""))
                .sorted()
                .toList());
        assertThat(process.waitFor()).as(lines.toString()).isZero();
        return lines;
    }

    @ParameterizedTest
    @CsvSource({
        "status --w, --watch",
        "ev, events",
        "'events --f', --follow",
        "'--failure-policy ', leave restart teardown",
        "'run --log-format ', json text",
        "'completion ', bash fish zsh",
    })
    void bashCompletes(String typed, String expected) throws Exception {
        // Given: what bash sets before it calls the function of a command; compopt is for bash's own call only
        String program = "source ./script; compopt() { :; }; COMP_WORDS=(sidecar-init " + typed.strip()
                + (typed.endsWith(" ") ? " ''" : "") + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                + " COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE};"
                + " $(complete -p sidecar-init | sed 's/.*-F \\([^ ]*\\) .*/\\1/') && printf '%s\\n' \"${COMPREPLY[@]}\"";
        script("bash");
        // When / Then
        assertThat(run("bash", "--norc", "-c", program)).containsExactly(expected.split(" "));
    }

    @Test
    void zshTakesTheScript() throws Exception {
        script("zsh");
        assertThat(run("zsh", "-f", "-n", "script")).isEmpty();
        assertThat(run(
                        "zsh",
                        "-f",
                        "-c",
                        "autoload -U +X compinit && compinit -u -D; source ./script; print $_comps[sidecar-init]"))
                .singleElement()
                .asString()
                .contains("_complete_sidecar-init");
    }

    @ParameterizedTest
    @CsvSource({
        "'status --w', --watch",
        "ev, events",
        "'events --f', --follow",
        "'--failure-policy ', leave restart teardown",
        "'run --log-format ', json text",
        "'check --config scr', script",
        "'completion ', bash fish zsh",
        "'status ', ''",
    })
    void fishCompletes(String typed, String expected) throws Exception {
        script("fish");
        assertThat(run("fish", "--no-config", "-c", "source ./script; complete -C 'sidecar-init " + typed + "'"))
                .containsExactlyElementsOf(expected.isEmpty() ? List.of() : List.of(expected.split(" ")));
    }

    @Test
    void fishHasNothingToComplainAbout() throws Exception {
        script("fish");
        assertThat(run("fish", "--no-config", "--no-execute", "script")).isEmpty();
    }
}
