package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code make image}, with a stand-in for the engine that notes its arguments and fails a build whose arguments have a given word. */
class ImageBuildIT {

    private static final Path TOP = Path.of(Program.LAUNCHER).toAbsolutePath().getParent();

    @TempDir
    Path directory;

    private record Result(int code, String output) {}

    private Result build(String failing) throws Exception {
        Files.deleteIfExists(calls());
        String engine =
                standIn("engine", "echo \"$@\" >>" + calls() + "\ncase \"$*\" in *'" + failing + "'*) exit 1 ;; esac");
        return run("make", "--no-print-directory", "image", "ENGINE=" + engine, "IMAGE=bundle");
    }

    private Path calls() {
        return directory.resolve("calls");
    }

    private String standIn(String name, String script) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file.toString();
    }

    private static Result run(String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(TOP.toFile()).redirectErrorStream(true);
        // make it runs these tests: its flags are none of this make's
        builder.environment().keySet().retainAll(Set.of("PATH", "HOME"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), output);
    }

    private static List<String> instructions() throws IOException {
        return Files.readString(TOP.resolve("src/main/docker/Dockerfile.sidecars"))
                .replace("\\\n", "")
                .lines()
                .toList();
    }

    @Test
    void aFailedTrainingIsReportedAndIsNotFatal() throws Exception {
        // When
        Result build = build("--target trained");

        // Then
        assertThat(build.code()).isZero();
        assertThat(build.output()).contains("warning: the image gets no class archives");
        assertThat(Files.readAllLines(calls())).last().asString().contains("SUPERVISOR=untrained", "--tag bundle ");
    }

    @Test
    void theNextBuildTrainsAgain() throws Exception {
        // Given
        build("--target trained");

        // When
        Result build = build("nothing");

        // Then
        assertThat(build.code()).isZero();
        assertThat(build.output()).doesNotContain("warning");
        assertThat(Files.readAllLines(calls())).hasSize(2).first().asString().contains("--target trained");
        assertThat(Files.readAllLines(calls())).last().asString().contains("SUPERVISOR=trained", "--tag bundle ");
    }

    @Test
    void aFailureBeforeTheTrainingIsFatalAndBlamesNoTraining() throws Exception {
        // When
        Result build = build("--target");

        // Then
        assertThat(build.code()).isNotZero();
        assertThat(build.output()).doesNotContain("class archives");
    }

    @Test
    void anyOtherFailureIsFatal() throws Exception {
        assertThat(build("--tag bundle .").code()).isNotZero();
    }

    @Test
    void theImageIsBuiltByTheEngineAlone() throws Exception {
        // When
        Result make = run("make", "--dry-run", "image", "ENGINE=engine");

        // Then: no JDK is needed
        assertThat(make.code()).isZero();
        assertThat(make.output())
                .contains("engine build", "--build-arg APPLICATION=source")
                .doesNotContain("./sidecar-init", "./mvnw");
    }

    @Test
    void aFailedTrainingFailsItsStageWhichNamesTheOther() throws Exception {
        // Given: an engine caches a stage that succeeds, and would hide the failure
        List<String> training = instructions().stream()
                .filter(line -> line.startsWith("RUN ") && line.contains("Train.java"))
                .toList();
        standIn("java", "exit 1");

        // When
        assertThat(training).hasSize(1);
        Result stage = run(
                "env",
                "PATH=" + directory + ":/usr/bin:/bin",
                "sh",
                "-c",
                training.getFirst().substring(4));

        // Then
        assertThat(stage.code()).isNotZero();
        assertThat(stage.output()).contains("--build-arg SUPERVISOR=untrained");
    }

    @Test
    void theVersionOfTheImageIsThatOfTheProgram() throws Exception {
        String version =
                Files.readString(TOP.resolve("pom.xml")).replaceFirst("(?s).*?<version>(.*?)</version>.*", "$1");
        assertThat(instructions()).contains("ARG VERSION=" + version);
    }
}
