package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which program is started, in which directory, and the error when it can't be. */
@ForkedJvm
class SpawnTest {

    private final ChildrenFixture fixture = ChildrenFixture.shared();
    private final Path directory = temporary();

    @Test
    void aDaemonStartsInItsWorkingDirectory() throws Exception {
        // When
        ChildrenFixture.Ended ended = fixture.run(ChildrenFixture.in(directory.toString(), "/bin/pwd", "-P"));

        // Then
        assertThat(ended.text()).isEqualTo(directory.toRealPath().toString());
    }

    @Test
    void aRelativeProgramIsFoundFromTheWorkingDirectory() throws Exception {
        // Given
        script(directory.resolve("here"), "echo found $0");

        // When
        ChildrenFixture.Ended ended = fixture.run(ChildrenFixture.in(directory.toString(), "./here"));

        // Then
        assertThat(ended.text()).isEqualTo("found ./here");
    }

    @Test
    void aProgramIsLookedUpInTheDaemonsOwnPath() throws Exception {
        // Given: not in our PATH
        script(Files.createDirectory(directory.resolve("bin")).resolve("only-there"), "echo $0");
        String path = directory + "/missing::" + directory + "/bin";

        // When
        ChildrenFixture.Ended ended = fixture.run(withPath(path, "only-there"));

        // Then
        assertThat(ended.text()).isEqualTo(directory + "/bin/only-there");
    }

    @Test
    void aRelativeEntryOfPathStartsAtTheWorkingDirectory() throws Exception {
        // Given
        script(Files.createDirectory(directory.resolve("bin")).resolve("only-there"), "echo $0");
        Daemon daemon = ChildrenFixture.daemon(
                Optional.of(directory.toString()), Optional.empty(), Map.of("PATH", "/usr/bin:bin"), "only-there");

        // When
        ChildrenFixture.Ended ended = fixture.run(daemon);

        // Then
        assertThat(ended.text()).isEqualTo("bin/only-there");
    }

    @Test
    void anEmptyEntryOfPathIsTheWorkingDirectory() throws Exception {
        // Given
        script(directory.resolve("here"), "echo $0");
        Daemon daemon = ChildrenFixture.daemon(
                Optional.of(directory.toString()), Optional.empty(), Map.of("PATH", "/usr/bin:"), "here");

        // When
        ChildrenFixture.Ended ended = fixture.run(daemon);

        // Then
        assertThat(ended.text()).isEqualTo("./here");
    }

    @Test
    void aProgramOfOurPathThatIsNotInTheDaemonsIsNotFound() {
        assertFails(withPath("/nowhere", "sh"), 127, "sh", "No such file or directory");
    }

    @Test
    void filesOfPathThatCantBeExecutedAreSkipped() throws Exception {
        // Given
        Files.writeString(Files.createDirectory(directory.resolve("a")).resolve("tool"), "not executable");
        Files.createDirectories(directory.resolve("b/tool"));
        script(Files.createDirectory(directory.resolve("c")).resolve("tool"), "echo $0");

        // When
        ChildrenFixture.Ended ended = fixture.run(withPath("a:b:c".replaceAll("(\\w)", directory + "/$1"), "tool"));

        // Then
        assertThat(ended.text()).isEqualTo(directory + "/c/tool");
    }

    @Test
    void argumentsArePassedAsWritten() throws Exception {
        // When
        ChildrenFixture.Ended ended =
                fixture.run(Daemon.of("guard", "printf", "%s|", "", "a b", "$HOME", "*", "\u00e9", "-n"));

        // Then
        assertThat(ended.text()).isEqualTo("|a b|$HOME|*|\u00e9|-n|");
    }

    @Test
    void aMissingProgramCantBeStarted() {
        assertFails(Daemon.of("guard", "/app/x"), 127, "/app/x", "No such file or directory");
        assertFails(Daemon.of("guard", "no-such-program"), 127, "no-such-program", "No such file or directory");
        assertFails(ChildrenFixture.in(directory.toString(), "./x"), 127, "./x", "No such file or directory");
        assertFails(Daemon.of("guard", "/bin/sh/x"), 127, "/bin/sh/x", "Not a directory");
    }

    @Test
    void aFileThatIsNotExecutableCantBeStarted() throws Exception {
        // Given
        Path file = Files.writeString(directory.resolve("plain"), "echo");

        // Then
        assertFails(Daemon.of("guard", file.toString()), 126, file.toString(), "Permission denied");
        assertFails(withPath(directory.toString(), "plain"), 126, "plain", "Permission denied");
    }

    @Test
    void aDirectoryCantBeStarted() throws Exception {
        // Given
        Files.createDirectory(directory.resolve("folder"));

        // Then
        assertFails(Daemon.of("guard", directory.toString()), 126, directory.toString(), "Permission denied");
        assertFails(withPath(directory.toString(), "folder"), 126, "folder", "Permission denied");
    }

    @Test
    void aScriptWhoseInterpreterIsMissingCantBeStarted() throws Exception {
        // Given
        Path script = executable(Files.writeString(directory.resolve("script"), "#!/no/such/interpreter\n"));

        // Then
        assertFails(
                Daemon.of("guard", script.toString()),
                126,
                script.toString(),
                "bad interpreter: No such file or directory");
    }

    @Test
    void anExecutableFileOfUnknownFormatCantBeStarted() throws Exception {
        // Given
        Path text = executable(Files.writeString(directory.resolve("text"), "echo not a program\n"));

        // Then
        assertFails(Daemon.of("guard", text.toString()), 126, text.toString(), "Exec format error");
    }

    @Test
    void theErrorNamesAMissingWorkingDirectoryNotTheProgram() throws Exception {
        // Given
        Path file = Files.writeString(directory.resolve("file"), "");

        // Then
        assertFails(ChildrenFixture.in("/no/such", "/bin/true"), 126, "/no/such", "No such file or directory");
        assertFails(ChildrenFixture.in("/no/such", "/no/program"), 126, "/no/such", "No such file or directory");
        assertFails(ChildrenFixture.in(file.toString(), "/bin/true"), 126, file.toString(), "Not a directory");
    }

    @Test
    void argumentsThatAreTooLongFailToStart() {
        assertFails(Daemon.of("guard", "/bin/true", "x".repeat(200_000)), 126, "/bin/true", "Argument list too long");
    }

    @Test
    void aFailedStartIsReportedNeitherAsADeathNorAsAnOrphan() throws Exception {
        // Given
        Path text = executable(Files.writeString(directory.resolve("text"), "no program\n"));
        long before = fixture.listener.orphans();

        // When: glibc forks a child for each of them and reaps it
        for (int i = 0; i < 200; i++) {
            assertFails(Daemon.of("guard", text.toString()), 126, text.toString(), "Exec format error");
        }
        ChildrenFixture.Ended next = fixture.run("exit 3");

        // Then
        assertThat(next.status()).isEqualTo(new ExitStatus.Code(3));
        assertThat(fixture.listener.orphans()).isEqualTo(before);
    }

    @Test
    void aFailedStartLeavesNoDescriptorOpen() throws Exception {
        // Given
        Path text = executable(Files.writeString(directory.resolve("text"), "no program\n"));
        long before = descriptors();

        // When
        for (int i = 0; i < 50; i++) {
            assertFails(Daemon.of("guard", text.toString()), 126, text.toString(), "Exec format error");
            assertFails(Daemon.of("guard", "/no/such"), 127, "/no/such", "No such file or directory");
            assertFails(ChildrenFixture.in("/no/such", "/bin/true"), 126, "/no/such", "No such file or directory");
        }

        // Then
        assertThat(descriptors()).isEqualTo(before);
    }

    private void assertFails(Daemon daemon, int code, String subject, String error) {
        CannotStartException failure =
                catchThrowableOfType(CannotStartException.class, () -> fixture.children.start(daemon));
        assertThat(failure).isNotNull();
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.subject()).isEqualTo(subject);
        assertThat(failure.error()).isEqualTo(error);
        assertThat(failure).hasMessage(subject + ": " + error);
    }

    private static Daemon withPath(String path, String program) {
        return ChildrenFixture.daemon(Optional.empty(), Optional.empty(), Map.of("PATH", path), program);
    }

    private static long descriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("start");
        } catch (IOException cannot) {
            throw new IllegalStateException(cannot);
        }
    }

    private static void script(Path file, String text) throws IOException {
        executable(Files.writeString(file, "#!/bin/sh\n" + text + "\n"));
    }

    private static Path executable(Path file) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
