package dev.claudebottle.sidecar.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which Java the launcher takes, and what it says of those that it can't take; nothing that is installed is visible to it. */
@NeedsNamespaces
class JdkIT {

    private static final String ADVICE =
            "Install one (https://adoptium.net, or your package manager) and let JAVA_HOME name its directory.";

    @TempDir
    Path directory;

    private Path jvm;

    private record Launch(int code, List<String> lines, List<String> errors) {}

    @BeforeEach
    void createTheDirectoryOfJdks() throws Exception {
        jvm = Files.createDirectory(directory.resolve("jvm"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"25", "25.0.1", "25-ea", "26.0.2"})
    void javaHomeMayBeAnyJdkFrom25On(String version) throws Exception {
        // Given
        Path home = FakeJdk.create(directory.resolve("jdk"), version);

        // When
        Launch launch = launch(builder().env("JAVA_HOME", home.toString()));

        // Then
        assertThat(launch.lines()).containsExactly("the java of " + home);
        assertThat(launch.errors()).isEmpty();
    }

    @Test
    void anInstalledJdkIsTakenWhenJavaHomeIsNone() throws Exception {
        // Given
        FakeJdk.create(jvm.resolve("a-17"), "17.0.9");
        FakeJdk.create(jvm.resolve("b-25"), "25");

        // When
        Launch launch = launch(builder().env("JAVA_HOME", "/nowhere"));

        // Then
        assertThat(launch.lines()).containsExactly("the java of " + jvm.resolve("b-25"));
    }

    @Test
    void aJavaOnThePathMayBeALinkToALinkIntoAJdk() throws Exception {
        // Given
        Path home = FakeJdk.create(directory.resolve("jdk"), "25.0.1");
        Path alternative = Files.createSymbolicLink(directory.resolve("alternative"), home.resolve("bin/java"));
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("java"), alternative);

        // When
        Launch launch = launch(builder().env("PATH", bin + ":/usr/bin:/bin"));

        // Then
        assertThat(launch.lines()).containsExactly("the java of " + home);
        assertThat(launch.errors()).isEmpty();
    }

    @Test
    void withoutAJdkItSaysWhatThereIsAndWhyThatWontDo() throws Exception {
        // Given
        FakeJdk.create(jvm.resolve("a-17"), "17.0.9");
        Files.createSymbolicLink(jvm.resolve("another-name-of-a"), Path.of("a-17"));
        FakeJdk.create(jvm.resolve("b-8"), "1.8.0_392");
        FakeJdk.create(jvm.resolve("c-jre"), "25.0.1", "bin/java");
        Files.delete(FakeJdk.create(jvm.resolve("d-unknown"), "25").resolve("release"));
        Files.writeString(FakeJdk.create(jvm.resolve("e-unknown"), "25").resolve("release"), "SOURCE=\"x\"\n");
        Files.createSymbolicLink(jvm.resolve("f-broken"), Path.of("nowhere"));
        Files.createDirectory(jvm.resolve("no-java"));
        Files.writeString(jvm.resolve(".a-17.jinfo"), "name=a-17\n");
        Path onPath = FakeJdk.create(directory.resolve("jdk"), "21", "bin/java", "bin/javac");
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("java"), onPath.resolve("bin/java"));
        FakeJdk.program(directory.resolve("shims/java"), "exit 1");

        // When
        Launch launch = launch(builder()
                .env("JAVA_HOME", "/nowhere")
                .env("PATH", bin + ":" + directory.resolve("shims") + ":/usr/bin:/bin"));

        // Then
        assertThat(launch.code()).isOne();
        assertThat(launch.lines()).isEmpty();
        assertThat(launch.errors())
                .containsExactly(
                        "cannot run Sidecar Init: no JDK 25 or newer found",
                        "  JAVA_HOME=/nowhere: no directory, or a link that leads nowhere",
                        "  /usr/lib/jvm/a-17: Java 17",
                        "  /usr/lib/jvm/b-8: Java 8",
                        "  /usr/lib/jvm/c-jre: Java 25, but a JRE without javac",
                        "  /usr/lib/jvm/d-unknown: Java of an unknown version: it has no file \"release\" with JAVA_VERSION",
                        "  /usr/lib/jvm/e-unknown: Java of an unknown version: it has no file \"release\" with JAVA_VERSION",
                        "  /usr/lib/jvm/f-broken: no directory, or a link that leads nowhere",
                        "  " + bin.resolve("java") + ", which is "
                                + onPath.resolve("bin/java").toRealPath() + ": Java 21",
                        "  " + directory.resolve("shims/java") + ": no program in the directory bin of a JDK",
                        ADVICE);
    }

    @Test
    void withoutAnyJavaItSaysSo() throws Exception {
        // When
        Launch launch = launch(builder().without("JAVA_HOME"));

        // Then
        assertThat(launch.code()).isOne();
        assertThat(launch.errors())
                .containsExactly("cannot run Sidecar Init: no JDK 25 or newer found, and no other Java", ADVICE);
    }

    /** What is in {@link #jvm} is installed, and nothing else. */
    private ProgramBuilder builder() {
        return ProgramBuilder.of("--version")
                .env("HOME", directory.toString())
                .env("PATH", "/usr/bin:/bin")
                .without("JAVA_HOME")
                .setup("for each in /opt/java /opt/jdk*; do [ ! -d $each ] || mount -t tmpfs none $each; done")
                .setup("mkdir -p /usr/lib/jvm; mount --bind " + jvm + " /usr/lib/jvm");
    }

    private static Launch launch(ProgramBuilder builder) throws Exception {
        try (Program program = builder.start()) {
            int code = program.exitCode();
            return new Launch(code, program.lines(), program.errors());
        }
    }
}
