package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When and how the launcher builds, in a copy of its scripts with stand-ins for Java and for Maven, which counts its calls. */
class BuildIT {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Path TOP = Path.of(Program.LAUNCHER).toAbsolutePath().getParent();

    @TempDir
    Path directory;

    private final List<Process> launchers = new ArrayList<>();
    private Path copy;

    private record Launch(int code, List<String> errors) {}

    @BeforeEach
    void copyTheCheckout() throws Exception {
        copy = Files.createDirectory(directory.resolve("checkout"));
        inCopy("cd '" + TOP
                + "'; cp -a --parents src/main/launcher src/build src/main/java pom.xml sidecar-init \"$OLDPWD\"");
        inCopy(
                "mkdir -p target/quarkus-app; touch target/quarkus-app/quarkus-run.jar; find . -exec touch -d '1 hour ago' {} +;"
                        + " touch -d '1 minute ago' target/quarkus-app/.built target/quarkus-app/.trained");
        FakeJdk.program(FakeJdk.create(directory.resolve("jdk"), "25.0.1").resolve("bin/java"), "exit 0");
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

    /** @param change since the last build; the first is what an editor does that replaces the file */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "cp pom.xml new; touch -d '+1 hour' new; mv new src/main/java/dev/claudebottle/sidecar/Main.java"
                        + " | building Sidecar Init: src/main/java/dev/claudebottle/sidecar/Main.java is newer than the build | 1",
                "rm src/main/java/dev/claudebottle/sidecar/Main.java"
                        + " | building Sidecar Init: src/main/java/dev/claudebottle/sidecar is newer than the build | 1",
                "touch -d '+1 hour' sidecar-init"
                        + " | training the class archives, with which it starts faster: sidecar-init is newer than the last ones | 0"
            })
    void whatIsMadeAgainAndWhyIsSaid(String change, String said, int builds) throws Exception {
        // Given
        inCopy(change);

        // When
        Launch launch = launch();

        // Then
        assertThat(launch.code()).isZero();
        assertThat(launch.errors()).containsExactly(said);
        assertThat(builds()).isEqualTo(builds);
    }

    @Test
    void aFailedBuildShowsWhatMavenPrinted() throws Exception {
        // Given
        maven("echo '[ERROR] no such class'; echo a download >&2; exit 1");
        inCopy("touch -d '+1 hour' pom.xml");

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
        inCopy("mkfifo go; touch pom.xml");
        maven("read -r _ <go");
        Process first = start("first");
        await().atMost(LIMIT).until(() -> builds() == 1);

        // When
        Process second = start("second");
        await().atMost(LIMIT).until(() -> !errors("second").isEmpty());
        inCopy("echo >go");
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
        // bash would complain of a locale that this machine lacks
        builder.environment().keySet().retainAll(Set.of("PATH"));
        builder.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
        Process launcher = builder.start();
        launchers.add(launcher);
        return launcher;
    }

    private Launch end(Process launcher, String name) throws Exception {
        assertThat(launcher.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return new Launch(launcher.exitValue(), errors(name));
    }

    @AfterEach
    void endLaunchers() {
        launchers.forEach(launcher -> {
            launcher.descendants().forEach(ProcessHandle::destroyForcibly);
            launcher.destroyForcibly();
        });
    }

    private List<String> errors(String name) throws Exception {
        return Files.readString(directory.resolve(name), UTF_8).lines().toList();
    }

    private void inCopy(String commands) {
        assertThat(LinuxProcess.shell("set -e; cd '" + copy + "'; " + commands)).isZero();
    }
}
