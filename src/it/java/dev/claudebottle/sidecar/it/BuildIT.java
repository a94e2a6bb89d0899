package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When and how the launcher builds, in a copy of its scripts with stand-ins for Java and for Maven, which counts its calls. */
class BuildIT {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Path TOP = Path.of(Program.LAUNCHER).toAbsolutePath().getParent();

    @TempDir
    Path directory;

    private Path copy;

    private record Launch(int code, List<String> errors) {}

    @BeforeEach
    void copyTheCheckout() throws Exception {
        copy = directory.resolve("checkout");
        shell(
                "mkdir -p %1$s/target/quarkus-app; cd %2$s; cp -a --parents src/main/launcher src/build src/main/java pom.xml sidecar-init %1$s"
                        .formatted(copy, TOP));
        shell("cd " + copy + "; touch target/quarkus-app/quarkus-run.jar; find . -exec touch -d '1 hour ago' {} +;"
                + " touch target/quarkus-app/.built target/quarkus-app/.trained");
        FakeJdk.create(directory.resolve("jdk"), "25.0.1");
        maven("exit 0");
    }

    @Test
    void nothingIsBuiltOrSaidWhenNothingIsStale() throws Exception {
        // When
        Launch launch = launch();

        // Then
        assertThat(launch.code()).isZero();
        assertThat(launch.errors()).isEmpty();
        assertThat(builds()).isZero();
    }

    @Test
    void aBuildSaysWhichFileIsNewerThanTheLastOne() throws Exception {
        // Given: an editor that replaces the file
        String file = "src/main/java/dev/claudebottle/sidecar/Main.java";
        shell("cd " + copy + "; cp " + file + " new; touch -d '+1 hour' new; mv new " + file);

        // When
        Launch launch = launch();

        // Then
        assertThat(launch.code()).isZero();
        assertThat(launch.errors()).containsExactly("building Sidecar Init: " + file + " is newer than the build");
        assertThat(builds()).isOne();
    }

    @Test
    void aBuildSaysInWhichDirectoryAFileIsMissing() throws Exception {
        // Given
        shell("cd " + copy + "; rm src/main/java/dev/claudebottle/sidecar/Main.java");

        // When
        Launch launch = launch();

        // Then
        assertThat(launch.errors())
                .containsExactly(
                        "building Sidecar Init: src/main/java/dev/claudebottle/sidecar is newer than the build");
    }

    @Test
    void aTrainingSaysWhyToo() throws Exception {
        // Given
        shell("touch -d '+1 hour' " + copy + "/sidecar-init");

        // When
        Launch launch = launch();

        // Then
        assertThat(launch.errors())
                .contains(
                        "training the class archives, with which it starts faster: sidecar-init is newer than the last ones");
        assertThat(builds()).isZero();
    }

    @Test
    void aFailedBuildShowsWhatMavenPrinted() throws Exception {
        // Given
        maven("echo '[ERROR] no such class'; echo a download >&2; exit 1");
        shell("touch -d '+1 hour' " + copy + "/pom.xml");

        // When
        Launch launch = launch();

        // Then
        assertThat(launch.code()).isOne();
        assertThat(launch.errors())
                .containsExactly(
                        "building Sidecar Init: pom.xml is newer than the build",
                        "a download",
                        "[ERROR] no such class",
                        "cannot run Sidecar Init: its build failed; see above, or " + copy.toRealPath()
                                + "/target/build.log");
    }

    @Test
    void oneOfTwoLaunchersBuildsAndTheOtherSaysThatItWaits() throws Exception {
        // Given
        shell("mkfifo " + copy + "/go; touch " + copy + "/pom.xml");
        maven("read -r _ <go");
        Process first = start("first");
        await().atMost(LIMIT).until(() -> builds() == 1);

        // When
        Process second = start("second");
        await().atMost(LIMIT).until(() -> !errors("second").isEmpty());
        shell("echo >" + copy + "/go");
        List<Launch> both = List.of(end(first, "first"), end(second, "second"));

        // Then
        assertThat(both).extracting(Launch::code).containsExactly(0, 0);
        assertThat(both.get(1).errors()).containsExactly("waiting for another build of Sidecar Init in this checkout");
        assertThat(builds()).isOne();
    }

    /** Makes `mvnw` one that notes its call and does this. */
    private void maven(String commands) throws Exception {
        FakeJdk.program(copy.resolve("mvnw"), "echo >>calls\n" + commands);
    }

    private int builds() throws Exception {
        Path calls = copy.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    private Launch launch() throws Exception {
        return end(start("launch"), "launch");
    }

    private Process start(String name) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(copy.resolve("sidecar-init").toString(), "--version")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(directory.resolve(name).toFile());
        builder.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
        return builder.start();
    }

    private Launch end(Process launcher, String name) throws Exception {
        try {
            assertThat(launcher.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return new Launch(launcher.exitValue(), errors(name));
        } finally {
            launcher.descendants().forEach(ProcessHandle::destroyForcibly);
            launcher.destroyForcibly();
        }
    }

    private List<String> errors(String name) throws Exception {
        return Files.readString(directory.resolve(name), UTF_8).lines().toList();
    }

    private static void shell(String commands) throws Exception {
        assertThat(LinuxProcess.shell("set -e; " + commands)).isZero();
    }
}
