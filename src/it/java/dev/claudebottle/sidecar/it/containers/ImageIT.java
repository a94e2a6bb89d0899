package dev.claudebottle.sidecar.it.containers;

import static dev.claudebottle.sidecar.it.containers.Docker.IMAGE;
import static dev.claudebottle.sidecar.it.containers.Docker.docker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.it.Command;
import io.restassured.path.json.JsonPath;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The content of the image, and how an engine runs it. */
@NeedsEngine
class ImageIT {

    private static final String SUPERVISE =
            "import sys; sys.path[:0] = ['/app', '/app/supervise-libs']; import supervise.daemon; print('supervise')";

    static Stream<List<String>> programs() {
        return Stream.of(
                List.of("pipelock", "pipelock", "--version"),
                List.of("8.", "gitleaks", "version"),
                List.of("Mitmproxy", "mitmdump", "--version"),
                List.of("git version", "git", "--version"),
                List.of("OpenSSH", "ssh", "-V"),
                List.of("curl", "curl", "--version"),
                List.of("supervise", "python3", "-B", "-c", SUPERVISE),
                List.of("sidecar-init", "sidecar-init", "--version"),
                List.of("GUARD_HOST", "await-guard", "--help"),
                List.of("/secrets", "prepare-volumes", "--help"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void everyGuardsProgramIsThereAndRuns(List<String> saysAndCommand) {
        // When
        List<String> run =
                new ArrayList<>(List.of("run", "--rm", "--read-only", "--entrypoint", saysAndCommand.get(1), IMAGE));
        run.addAll(saysAndCommand.subList(2, saysAndCommand.size()));
        Command.Result result = docker(run.toArray(String[]::new));

        // Then
        assertThat(result.succeeded().output()).contains(saysAndCommand.getFirst());
    }

    @Test
    void withNoDaemonSelectedItSaysSoAndExitsWith0() {
        // When
        Command.Result result = docker("run", "--rm", "--env", "CLAUDE_BOTTLE_SIDECAR_DAEMONS=none", IMAGE);

        // Then
        assertThat(result.succeeded().output()).isEqualTo("""
                        sidecar-init: ignoring the unknown daemon none
                        sidecar-init: no daemons selected; nothing to do
                        """);
    }

    @Test
    void theClassArchivesFitTheRuntimeAndTheJars() {
        // When: with -Xshare:on archives that don't fit are an error
        Command.Result result = docker(
                "run",
                "--rm",
                "--entrypoint",
                "/app/sidecar-init/runtime/bin/java",
                IMAGE,
                "-Xrs",
                "@/app/sidecar-init/jvm.options",
                "-XX:SharedArchiveFile=/app/sidecar-init/guards.aot:/app/sidecar-init/server.jsa",
                "-Xshare:on",
                "-cp",
                "/app/sidecar-init/quarkus-run.jar",
                "dev.claudebottle.sidecar.Main",
                "--version");

        // Then
        assertThat(result.succeeded().output()).startsWith("sidecar-init ");
    }

    @Test
    void theTestsBesideTheDaemonsAreNotInTheImage() {
        // When
        Command.Result found = docker("run", "--rm", "--entrypoint", "find", IMAGE, "/app", "-name", "*test*");

        // Then: Python's libraries bring tests of their own
        assertThat(found.succeeded().output().lines()).allMatch(path -> path.startsWith("/app/supervise-libs/"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/sidecars.yaml", "/etc/sidecars-rootless.yaml"})
    void itsBundleFilesAreValidAndLackNothing(String file) {
        assertThat(docker("run", "--rm", IMAGE, "check", "--config", file)
                        .succeeded()
                        .output())
                .contains("egress:", "pipelock:", "git-gate:", "supervise:")
                .doesNotContain("warning");
    }

    @Test
    void theDirectoriesOfTheGuardsAreTheirsAndPrivateButForPipelocksCa() {
        // When
        Command.Result attributes = docker(
                "run",
                "--rm",
                "--entrypoint",
                "stat",
                IMAGE,
                "--format=%u %g %a",
                "/var/lib/egress",
                "/var/lib/pipelock",
                "/var/lib/git-gate",
                "/var/lib/supervise");

        // Then
        assertThat(attributes.succeeded().output()).isEqualTo("""
                        1000 1000 700
                        901 901 755
                        902 902 700
                        903 903 700
                        """);
    }

    @Test
    void theJvmIsPid1AndIsAskedToStopByTermAndForItsHealth() {
        assertThat(Docker.inspect(IMAGE, "{{json .Config.Entrypoint}}"))
                .startsWith("[\"/usr/bin/env\",\"--block-signal=TERM,INT,HUP,CHLD\",\"--block-signal=QUIT,USR1,")
                .contains(",\"/app/sidecar-init/runtime/bin/java\",\"-Xrs\",");
        assertThat(Docker.inspect(IMAGE, "{{.Config.StopSignal}}")).isEqualTo("SIGTERM");
        assertThat(Docker.inspect(IMAGE, "{{json .Config.Healthcheck.Test}}"))
                .isEqualTo("[\"CMD\",\"sidecar-init\",\"status\"]");
    }

    @Test
    void itsLabelsTellWhatItIsAndWhereItIsFrom() {
        // Given
        String commit = Docker.run(Map.of(), List.of("git", "rev-parse", "HEAD"))
                .output()
                .strip();
        assumeTrue(commit.matches("[0-9a-f]{40}"), "this is no checkout of git");
        String version = docker("run", "--rm", IMAGE, "--version").succeeded().output();

        // When
        JsonPath labels = new JsonPath(Docker.inspect(IMAGE, "{{json .Config.Labels}}"));

        // Then
        assertThat(label(labels, "title")).isEqualTo("Sidecar Init");
        assertThat(label(labels, "description")).contains("egress", "pipelock", "git-gate", "supervise");
        assertThat(label(labels, "licenses")).isEqualTo("Apache-2.0");
        assertThat(label(labels, "source")).matches("(https://.+)?");
        assertThat(version).startsWith("sidecar-init " + label(labels, "version"));
        assertThat(label(labels, "revision")).startsWith(commit);
        assertThat(OffsetDateTime.parse(label(labels, "created")).getYear()).isGreaterThan(2025);
    }

    private static String label(JsonPath labels, String name) {
        return labels.getString("'org.opencontainers.image." + name + "'");
    }
}
