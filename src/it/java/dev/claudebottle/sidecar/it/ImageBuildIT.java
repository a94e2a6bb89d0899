package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code make image}, with a stand-in for the engine that notes its arguments and fails a build whose arguments have a given word. */
class ImageBuildIT {

    private static final Path TOP = Path.of(Program.LAUNCHER).toAbsolutePath().getParent();

    @TempDir
    Path directory;

    private record Build(int code, String output, List<String> calls) {}

    private Build build(String failing) throws Exception {
        Path calls = directory.resolve("calls");
        Files.deleteIfExists(calls);
        Path engine = Files.writeString(
                directory.resolve("engine"),
                "#!/bin/sh\necho \"$@\" >>" + calls + "\ncase \"$*\" in *'" + failing + "'*) exit 1 ;; esac\n");
        Files.setPosixFilePermissions(engine, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process make = new ProcessBuilder("make", "--no-print-directory", "image", "ENGINE=" + engine, "IMAGE=bundle")
                .directory(TOP.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(make.getInputStream().readAllBytes(), UTF_8);
        return new Build(make.waitFor(), output, Files.readAllLines(calls));
    }

    @Test
    void aFailedTrainingIsReportedAndIsNotFatal() throws Exception {
        // When
        Build build = build("--target trained");

        // Then
        assertThat(build.code()).isZero();
        assertThat(build.output()).contains("warning: the image gets no class archives");
        assertThat(build.calls()).hasSize(2).last().asString().contains("SUPERVISOR=untrained", "--tag bundle ");
    }

    @Test
    void theNextBuildTrainsAgain() throws Exception {
        // Given
        build("--target trained");

        // When
        Build build = build("nothing");

        // Then
        assertThat(build.code()).isZero();
        assertThat(build.output()).doesNotContain("warning");
        assertThat(build.calls()).hasSize(2).first().asString().contains("--target trained");
        assertThat(build.calls()).last().asString().contains("SUPERVISOR=trained", "--tag bundle ");
    }

    @Test
    void anyOtherFailureIsFatal() throws Exception {
        assertThat(build("--tag bundle .").code()).isNotZero();
    }

    @Test
    void noStageThatIsCachedHidesAFailedTraining() throws Exception {
        // Given
        List<String> training = Files.readAllLines(TOP.resolve("src/main/docker/Dockerfile.sidecars")).stream()
                .filter(line -> line.startsWith("RUN ") && line.contains("Train.java"))
                .toList();

        // Then
        assertThat(training).singleElement().asString().doesNotContain("||").doesNotEndWith("\\");
    }
}
