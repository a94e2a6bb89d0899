package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script at the top of the checkout. */
@NeedsNamespaces
class LauncherIT {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(8);
    private static final Path SCRIPT = Path.of(Program.LAUNCHER).toAbsolutePath();

    @TempDir
    Path directory;

    private static BundleText egress() {
        return bundle().daemon("egress", OBEDIENT);
    }

    private static void runsAndStops(ProgramBuilder builder) throws Exception {
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            int code = program.stop();
            assertThat(code).isZero();
            assertThat(program.lines()).containsExactlyElementsOf(BundleText.LINES_OF_AN_OBEDIENT_EGRESS);
            assertThat(program.errors()).isEmpty();
        }
    }

    private Path executable(Path file, String content) throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void itExecutesTheProgramInItsOwnProcess() throws Exception {
        // Given
        try (Program program = ProgramBuilder.of(egress()).start()) {
            // When
            program.awaitUp("egress");
            LinuxProcess init = program.proc();

            // Then
            assertThat(init.commandLine()).contains("java");
            assertThat(init.children()).hasSize(1);
            assertThat(new LinuxProcess(init.children().getFirst()).commandLine())
                    .isEqualTo("sleep 1000");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/usr/lib"})
    void itWorksFromAnyDirectory(String from) throws Exception {
        runsAndStops(ProgramBuilder.of(egress()).setup("cd " + from).launcher(SCRIPT.toString()));
    }

    @Test
    void itWorksByARelativePath() throws Exception {
        runsAndStops(
                ProgramBuilder.of(egress()).setup("cd " + SCRIPT.getParent()).launcher("./" + SCRIPT.getFileName()));
        runsAndStops(ProgramBuilder.of(egress())
                .setup("cd " + SCRIPT.getParent() + "/src")
                .launcher("../" + SCRIPT.getFileName()));
    }

    @Test
    void itWorksThroughLinksToLinks() throws Exception {
        // Given
        Path first = Files.createSymbolicLink(directory.resolve("first"), SCRIPT);
        Files.createSymbolicLink(directory.resolve("second"), first.getFileName());

        // Then
        runsAndStops(
                ProgramBuilder.of(egress()).launcher(directory.resolve("second").toString()));
        runsAndStops(ProgramBuilder.of(egress()).setup("cd " + directory).launcher("./second"));
    }

    @Test
    void itWorksFromThePath() throws Exception {
        // Given
        Files.createSymbolicLink(directory.resolve("sidecar-init"), SCRIPT);

        // Then
        runsAndStops(ProgramBuilder.of(egress())
                .env("PATH", directory + ":/usr/bin:/bin")
                .launcher("sidecar-init"));
    }

    @Test
    void anOldJavaThatIsFirstOnThePathIsNotUsed() throws Exception {
        // Given
        Path old = directory.resolve("jdk-17");
        executable(old.resolve("bin/java"), "#!/bin/sh\necho this is java 17\nexit 1\n");
        executable(old.resolve("bin/javac"), "#!/bin/sh\nexit 1\n");
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.9\"\n");
        String path = old.resolve("bin") + ":/usr/bin:/bin:" + System.getProperty("java.home") + "/bin";

        // Then
        runsAndStops(ProgramBuilder.of(egress()).env("PATH", path).without("JAVA_HOME"));
        runsAndStops(ProgramBuilder.of(egress()).env("PATH", path).env("JAVA_HOME", old.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "missing, guards.aot",
        "garbage, guards.aot",
        "truncated, guards.aot",
        "empty, guards.aot",
        "missing, server.jsa",
        "garbage, server.jsa",
        "truncated, server.jsa",
        "empty, server.jsa"
    })
    void aClassArchiveThatTheJvmRefusesPrintsNothing(String fault, String archive) throws Exception {
        // Given
        Path copy = copyOfTheCheckout();
        Path file = copy.resolve("target/quarkus-app").resolve(archive);
        switch (fault) {
            case "missing" -> Files.deleteIfExists(file);
            case "garbage" -> Files.writeString(file, "garbage".repeat(10_000));
            case "empty" -> Files.writeString(file, "");
            default ->
                assertThat(LinuxProcess.shell("truncate -s 1000000 " + file)).isZero();
        }

        // Then
        runsAndStops(ProgramBuilder.of(egress())
                .launcher(copy.resolve("sidecar-init").toString()));
    }

    @Test
    void aFailedTrainingIsReportedAndTriedAgainAtTheNextStart() throws Exception {
        // Given
        Path copy = copyOfTheCheckout();
        Files.writeString(copy.resolve("src/build/Train.java"), "void main() { System.exit(1); }");
        Files.delete(copy.resolve("target/quarkus-app/.trained"));

        for (String start : List.of("first", "next")) {
            // When
            try (Program program = ProgramBuilder.of(egress())
                    .launcher(copy.resolve("sidecar-init").toString())
                    .start()) {
                program.awaitUp("egress");

                // Then
                assertThat(program.stop()).isZero();
                assertThat(program.errors())
                        .as(start)
                        .satisfiesExactly(
                                said -> assertThat(said).startsWith("training the class archives"),
                                warned -> assertThat(warned).startsWith("warning: starts are slower"));
            }
        }
    }

    @Test
    void anArchiveMayTakeLongerToWriteThanAStopMayTake() throws Exception {
        // Given
        Path copy = copyOfTheCheckout();
        Files.delete(copy.resolve("target/quarkus-app/.trained"));
        Path errors = directory.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(copy.resolve("sidecar-init").toString(), "--version")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile());
        builder.environment().keySet().retainAll(Set.of("PATH"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // no URL: a training that took it over would fail
        builder.environment().put("K_SINK", "broker");
        Process launcher = builder.start();
        try {
            // When: a machine so slow that the JVM's second process, which writes guards.aot, stands still
            LinuxProcess writer = await().atMost(LIMIT)
                    .until(() -> archiveWriter(launcher), Optional::isPresent)
                    .orElseThrow();
            LinuxProcess.signal("STOP", writer.pid());
            await().during(DEFAULT_GRACE.plusSeconds(2)).atMost(LIMIT).until(writer::isAlive);
            LinuxProcess.signal("CONT", writer.pid());

            // Then
            assertThat(launcher.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readAllLines(errors)).singleElement().asString().startsWith("training the class archives");
            assertThat(copy.resolve("target/quarkus-app/.trained")).exists();
        } finally {
            launcher.descendants().forEach(ProcessHandle::destroyForcibly);
            launcher.destroyForcibly();
        }
    }

    private static Optional<LinuxProcess> archiveWriter(Process launcher) {
        return new LinuxProcess(launcher.pid())
                .descendants().stream()
                        .filter(process -> process.environment().contains("-XX:AOTMode=create"))
                        .findFirst();
    }

    /** As far as a run needs it, and not stale. */
    private Path copyOfTheCheckout() throws Exception {
        Path copy = directory.resolve("checkout");
        copy(SCRIPT.getParent().resolve("src"), copy.resolve("src"));
        copy(SCRIPT.getParent().resolve("target/quarkus-app"), copy.resolve("target/quarkus-app"));
        for (String name : new String[] {"pom.xml", "sidecar-init"}) {
            assertThat(LinuxProcess.shell("cp -p " + SCRIPT.resolveSibling(name) + " " + copy))
                    .isZero();
        }
        assertThat(LinuxProcess.shell("find " + copy + " -exec touch -d '1 hour ago' {} +; touch " + copy
                        + "/target/quarkus-app/.built " + copy + "/target/quarkus-app/.trained"))
                .isZero();
        return copy;
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to.getParent());
        assertThat(LinuxProcess.shell("cp -a " + from + " " + to)).isZero();
    }

    @Test
    void javaToolOptionsApplyAndTheirNoticeGoesToStderr() throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(egress()).env("JAVA_TOOL_OPTIONS", "-Dnothing=here");

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.errors()).allMatch(line -> line.startsWith("Picked up JAVA_TOOL_OPTIONS"));
            assertThat(program.lines())
                    .allMatch(line -> Stream.of("sidecar-init: ", "[egress] ").anyMatch(line::startsWith));
        }
    }
}
