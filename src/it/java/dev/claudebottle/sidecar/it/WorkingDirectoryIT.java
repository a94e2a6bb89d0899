package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The working directory: its files steer nothing, and we leave none there. */
@NeedsNamespaces
class WorkingDirectoryIT {

    @TempDir
    Path directory;

    private ProgramBuilder builder() {
        return ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).setup("cd " + directory);
    }

    private Stream<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files
                    .filter(Files::isRegularFile)
                    .map(file -> directory.relativize(file).toString())
                    .toList()
                    .stream();
        }
    }

    @Test
    void noFileThereConfiguresAnything() throws Exception {
        // Given: every file that Quarkus, its logging or the JVM look for
        Path log = directory.resolve("written-as-root");
        Files.writeString(
                directory.resolve(".env"),
                "QUARKUS_SMALLRYE_HEALTH_ROOT_PATH=elsewhere\nQUARKUS_LOG_FILE_ENABLE=true\nQUARKUS_LOG_FILE_ENABLED=true\n"
                        + "QUARKUS_LOG_FILE_PATH=" + log + "\n_DEV_QUARKUS_LOG_FILE_ENABLE=true\n"
                        + "QUARKUS_HTTP_LIMITS_MAX_CONNECTIONS=1\n");
        Files.createDirectory(directory.resolve("config"));
        Files.writeString(
                directory.resolve("config/application.properties"),
                "quarkus.http.limits.max-connections=1\nquarkus.log.file.enable=true\nquarkus.log.file.enabled=true\n"
                        + "quarkus.log.file.path=" + log + "\nquarkus.log.level=TRACE\nquarkus.log.min-level=TRACE\n"
                        + "quarkus.http.host=0.0.0.0\nquarkus.http.root-path=/elsewhere\n");
        Files.writeString(directory.resolve("application.properties"), "quarkus.log.level=TRACE\n");
        Files.writeString(directory.resolve("logging.properties"), ".level=TRACE\n");
        Files.writeString(directory.resolve(".hotspotrc"), "-XX:+PrintFlagsFinal\n");
        Files.writeString(directory.resolve(".hotspot_compiler"), "quiet\n");
        var before = files().sorted().toList();

        // When
        try (Program program = builder().start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            int health = program.http.health("ready");
            int code = program.stop();

            // Then
            assertThat(health).isEqualTo(200);
            assertThat(code).isZero();
            assertThat(program.lines()).containsExactlyElementsOf(BundleText.LINES_OF_AN_OBEDIENT_EGRESS);
            assertThat(program.errors()).isEmpty();
            assertThat(files().sorted().toList()).isEqualTo(before);
        }
    }

    @Test
    void aCrashOfTheJvmIsReportedOnStderrAndLeavesNoFile() throws Exception {
        // Given
        try (Program program = builder().setup("ulimit -c unlimited").start()) {
            program.awaitUp("egress");
            program.awaitHttp();

            // When
            program.signal("SEGV");
            program.exitCode();

            // Then
            assertThat(program.lines()).containsExactly("sidecar-init: starting egress", "[egress] up");
            assertThat(program.errors()).anyMatch(line -> line.contains("SIGSEGV"));
            assertThat(program.errors()).anyMatch(line -> line.contains("END OF HS_ERR") || line.startsWith("END."));
            assertThat(files()).isEmpty();
        }
    }
}
