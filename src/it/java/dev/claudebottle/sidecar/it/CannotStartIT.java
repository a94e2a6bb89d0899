package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.Program.LEAVE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A daemon that can't be started: this counts as a death. */
@NeedsNamespaces
class CannotStartIT {

    @TempDir
    Path directory;

    private String executable(String name, String content) throws Exception {
        Path file = Files.writeString(directory.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "/no/such/program | -                         | 127 | /no/such/program: No such file or directory",
                "no-such-program  | -                         | 127 | no-such-program: No such file or directory",
                "/etc/passwd      | -                         | 126 | /etc/passwd: Permission denied",
                "/etc             | -                         | 126 | /etc: Permission denied",
                "/bin/true        | working_dir: /nowhere     | 126 | /nowhere: No such file or directory",
                "/bin/true        | user: nobody-knows        | 126 | user nobody-knows: no such user"
            })
    void theCauseIsLoggedAfterStartingAndNoExitedLineFollows(String program, String key, int expected, String cause)
            throws Exception {
        // Given
        String[] keys = key == null ? new String[0] : new String[] {key};
        BundleText bundle = bundle().command("egress", List.of(program), keys);

        // When
        try (Program run = ProgramBuilder.of(bundle).start()) {
            int code = run.exitCode();

            // Then
            assertThat(run.ownLines())
                    .containsExactly("starting egress", "cannot start egress: " + cause + LEAVE, "exit " + expected);
            assertThat(code).isEqualTo(expected);
        }
    }

    @Test
    void aScriptWithoutAnInterpreterLineCannotStart() throws Exception {
        // Given
        String file = executable("plain", "echo hello\n");

        // When
        try (Program program =
                ProgramBuilder.of(bundle().command("egress", List.of(file))).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines()).contains("cannot start egress: " + file + ": Exec format error" + LEAVE);
            assertThat(code).isEqualTo(126);
        }
    }

    @Test
    void aMissingInterpreterIsReportedAsSuch() throws Exception {
        // Given
        String file = executable("script", "#!/no/such/interpreter\n");

        // When
        try (Program program =
                ProgramBuilder.of(bundle().command("egress", List.of(file))).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines()).anyMatch(line -> line.startsWith("cannot start egress: " + file + ": "));
            assertThat(code).isEqualTo(126);
        }
    }

    @Test
    void aFailedStartDoesNotPreventTheOthers() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("first", OBEDIENT)
                .command("sick", List.of("/no/such/program"))
                .daemon("last", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("first", "last");
            int code = program.stop();

            // Then
            assertThat(code).isEqualTo(127);
        }
    }

    @Test
    void underTeardownItStopsTheBundleAndWaitingDaemonsAreNotStarted() throws Exception {
        // Given
        BundleText bundle = bundle("failure_policy: teardown")
                .daemon("first", OBEDIENT)
                .command("sick", List.of("/no/such/program"))
                .daemon("last", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .contains(
                            "cannot start sick: /no/such/program: No such file or directory; shutting down the bundle",
                            "shutting down (sick exited); forwarding SIGTERM")
                    .doesNotContain("starting last");
            assertThat(code).isEqualTo(127);
        }
    }

    @Test
    void theProgramIsLookedUpInTheDaemonsOwnPath() throws Exception {
        // Given
        executable("only-there", "#!/bin/sh\necho found\n");
        BundleText bundle = bundle().command("egress", List.of("only-there"), "environment: {PATH: " + directory + "}");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.lines()).contains("[egress] found");
            assertThat(code).isZero();
        }
    }

    @Test
    void withoutAPathTheSystemsDefaultIsSearched() throws Exception {
        // Given
        BundleText bundle = bundle().command("egress", List.of("echo", "found"), "inherit_environment: []");

        // When
        try (Program program = ProgramBuilder.of(bundle).setup("unset PATH").start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.lines()).contains("[egress] found");
            assertThat(code).isZero();
        }
    }

    @Test
    void anotherUserNeedsRoot() throws Exception {
        // Given
        Program.assumeReadableByAnyone();
        BundleText bundle = bundle().command("egress", List.of("/bin/true"), "user: nobody");
        Path file = Files.copy(bundle.file(), directory.resolve("bundle.yaml"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        ProgramBuilder builder = ProgramBuilder.of("--config", file.toString())
                .setup("set -- setpriv --reuid 4321 --regid 4321 --clear-groups \"$@\"");

        // When
        try (Program program = builder.start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines()).anyMatch(line -> line.startsWith("cannot start egress: user nobody: "));
            assertThat(code).isEqualTo(126);
        }
    }

    @ParameterizedTest
    @CsvSource({"setuid, SETUID", "setgid, SETGID"})
    void rootWithoutTheCapabilityCannotStartItAsAnotherUser(String dropped, String named) throws Exception {
        // Given
        BundleText bundle = bundle().command("egress", List.of("/bin/true"), "user: nobody");
        ProgramBuilder builder =
                ProgramBuilder.of(bundle).setup("set -- setpriv --bounding-set -" + dropped + " \"$@\"");

        // When
        try (Program program = builder.start()) {
            int code = program.exitCode();

            // Then
            assertThat(program.ownLines())
                    .containsExactly(
                            "starting egress",
                            "cannot start egress: user nobody: we lack the capability " + named + LEAVE,
                            "exit 126");
            assertThat(code).isEqualTo(126);
        }
    }
}
