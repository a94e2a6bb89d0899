package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The program on a terminal, which Python makes: what is written to its stdin is what somebody types there. */
class TerminalIT {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Path TOP = Path.of(Program.LAUNCHER).toAbsolutePath().getParent();
    private static final String ON_A_TERMINAL =
            "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) % 256)";
    private static final String CTRL_C = "\u0003";

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private Process process;
    private Thread reader;

    @AfterEach
    void end() throws Exception {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        process.destroyForcibly().waitFor();
        all.forEach(ProcessHandle::destroyForcibly);
        reader.join();
    }

    @Test
    void ourOwnLinesHaveTheColourOfTheirLevelAndADaemonsLinesHaveNone() throws Exception {
        // Given
        BundleText bundle =
                bundle().daemon("egress", "printf '\\033[31mred\\n'; exit 3").daemon("pipelock", "exec sleep 1000");

        // When
        start(Map.of(), Program.LAUNCHER, "--config", bundle.file().toString());
        awaitText("starting pipelock");
        awaitText("exited with code 3");
        type(CTRL_C);

        // Then
        assertThat(exitCode()).isEqualTo(3);
        assertThat(lines())
                .contains("\u001b[36msidecar-init: starting egress\u001b[0m", "[egress] \\x1b[31mred")
                .contains("\u001b[31msidecar-init: egress exited with code 3" + Program.LEAVE + "\u001b[0m")
                .last()
                .isEqualTo("\u001b[31msidecar-init: exit 3\u001b[0m");
    }

    @Test
    void thereAreNoColoursWhereNobodyWantsThem() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "exit 0");

        // When
        start(
                Map.of("NO_COLOR", "1"),
                Program.LAUNCHER,
                "--config",
                bundle.file().toString());

        // Then
        assertThat(exitCode()).isZero();
        assertThat(lines()).contains("sidecar-init: starting egress").last().isEqualTo("sidecar-init: exit 0");
    }

    @Test
    void ctrlCEndsTheDemoOfMakeInOrder() throws Exception {
        // When
        start(Map.of(), "make", "run");
        awaitText("[supervise] ");
        type(CTRL_C);

        // Then
        assertThat(exitCode()).isZero();
        assertThat(lines()).last().asString().contains("sidecar-init: exit 0");
        assertThat(screen.toString(UTF_8)).doesNotContain("make:");
    }

    private void start(Map<String, String> variables, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("python3", "-c", ON_A_TERMINAL));
        all.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(all).directory(TOP.toFile()).redirectErrorStream(true);
        int port = ProgramBuilder.freePort();
        // no NO_COLOR; and make it runs these tests, but a make below another one prints lines of its own
        builder.environment().keySet().retainAll(Set.of("PATH", "HOME"));
        builder.environment().put("TERM", "xterm");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("CLAUDE_BOTTLE_SIDECAR_SOCKET", ProgramBuilder.newSocket());
        builder.environment().putAll(variables);
        process = builder.start();
        reader = Thread.ofPlatform().daemon().start(() -> {
            try (var in = process.getInputStream()) {
                in.transferTo(screen);
            } catch (IOException closed) {
                // ends the stream as well
            }
        });
    }

    private void awaitText(String text) {
        await().atMost(LIMIT).until(() -> screen.toString(UTF_8).contains(text));
    }

    private void type(String keys) throws Exception {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write(keys.getBytes(UTF_8));
        keyboard.flush();
    }

    private int exitCode() throws Exception {
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as(() -> "ended; so far: " + screen.toString(UTF_8))
                .isTrue();
        reader.join();
        return process.exitValue();
    }

    private List<String> lines() {
        return screen.toString(UTF_8).lines().toList();
    }
}
