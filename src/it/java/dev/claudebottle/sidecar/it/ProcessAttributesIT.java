package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The process attributes that a daemon starts with. */
@NeedsNamespaces
class ProcessAttributesIT {

    @TempDir
    Path directory;

    private static List<String> found(ProgramBuilder builder) throws Exception {
        try (Program program = builder.start()) {
            program.exitCode();
            return program.linesOf("egress");
        }
    }

    private static ProgramBuilder daemon(String script, String... keys) {
        return ProgramBuilder.of(bundle().daemon("egress", script, keys));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itHasOnlyTheDescriptors0To2WhateverWeInherited(boolean init) throws Exception {
        // Given
        ProgramBuilder builder = daemon("ls /proc/$$/fd; readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2")
                .setup("exec 5>/dev/null 6<>/dev/null 7</etc/passwd 9>&1");

        // When
        List<String> descriptors = found(builder.init(init));

        // Then
        assertThat(descriptors).hasSize(6).startsWith("0", "1", "2", "/dev/null");
        assertThat(descriptors.get(4)).startsWith("pipe:[");
        assertThat(descriptors.get(5)).isEqualTo(descriptors.get(4));
    }

    @Test
    void itsOutputIsABlockingPipe() throws Exception {
        assertThat(found(daemon("grep flags /proc/$$/fdinfo/1"))).containsExactly("flags:\t01");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherUsersDaemonCanWriteToItsOutputByPath(boolean init) throws Exception {
        // Given
        ProgramBuilder builder = daemon(
                "echo 1 >/dev/stdout; echo 2 >/dev/stderr; echo 3 >>/proc/self/fd/1; echo 4 | tee /dev/stderr >/dev/null",
                "user: nobody");

        // When
        List<String> lines = found(builder.init(init));

        // Then
        assertThat(lines).containsExactly("1", "2", "3", "4");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noSignalIsBlockedOrIgnoredWhateverWeInherited(boolean init) throws Exception {
        // Given
        ProgramBuilder builder = daemon("grep -E 'Sig(Blk|Ign)' /proc/self/status")
                .setup("trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2 CHLD TSTP TTIN TTOU WINCH URG");

        // When
        List<String> signals = found(builder.init(init));

        // Then
        assertThat(signals).containsExactly("SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000");
    }

    @Test
    void itLeadsItsOwnSessionAndGroup() throws Exception {
        // When
        List<String> stat = found(daemon("cut -d ' ' -f 1,5,6 /proc/$$/stat"));

        // Then
        String[] pidGroupSession = stat.getFirst().split(" ");
        assertThat(pidGroupSession).containsOnly(pidGroupSession[0]);
    }

    @Test
    void itsDirectoryIsOursUnlessWorkingDirIsSet() throws Exception {
        assertThat(found(daemon("pwd -P").setup("cd /usr/lib"))).containsExactly("/usr/lib");
        assertThat(found(daemon("pwd -P", "working_dir: /usr/bin").setup("cd /usr/lib")))
                .containsExactly("/usr/bin");
    }

    @Test
    void aRelativeProgramIsFoundFromItsOwnDirectory() throws Exception {
        // Given
        BundleText bundle = bundle().command("egress", List.of("./bin/echo", "found"), "working_dir: /usr");

        // Then
        assertThat(found(ProgramBuilder.of(bundle))).containsExactly("found");
    }

    @Test
    void itsUmaskIsOurs() throws Exception {
        assertThat(found(daemon("umask").setup("umask 0027"))).containsExactly("0027");
    }

    @Test
    void itsLimitOfOpenFilesIsOursSoftAndHard() throws Exception {
        // Given
        ProgramBuilder builder = daemon("ulimit -Sn; ulimit -Hn").setup("ulimit -Sn 700; ulimit -Hn 3000");

        // Then
        assertThat(found(builder)).containsExactly("700", "3000");
    }

    @Test
    void itRunsAsItsConfiguredUser() throws Exception {
        // Given
        ProgramBuilder builder = daemon("id -un; id -G; echo $HOME $USER $LOGNAME", "user: daemon")
                .setup("HOME=/root USER=root LOGNAME=root; export HOME USER LOGNAME");

        // When
        List<String> lines = found(builder);

        // Then
        assertThat(lines).containsExactly("daemon", "1", "/usr/sbin daemon daemon");
    }

    @Test
    void ourOwnUserNeedsNeitherRootNorCapabilities() throws Exception {
        // Given
        String script = "id -u; id -g; echo $HOME $USER $LOGNAME";
        String asDaemon =
                "export HOME=/root USER=root LOGNAME=root; set -- setpriv --reuid daemon --regid 1 --init-groups \"$@\"";
        ProgramBuilder root = daemon(script, "user: root").setup("set -- setpriv --bounding-set -all \"$@\"");

        // When / Then
        assertThat(found(root)).startsWith("0", "0").last().asString().endsWith(" root root");
        for (String user : List.of("daemon", "1", "\"1:1\"")) {
            Path file = readableByAll(bundle().daemon("egress", script, "user: " + user));
            ProgramBuilder own = ProgramBuilder.of("--config", file.toString()).setup(asDaemon);
            assertThat(found(own)).as(user).containsExactly("1", "1", "/usr/sbin daemon daemon");
        }
    }

    private Path readableByAll(BundleText bundle) throws Exception {
        Path file = Files.copy(bundle.file(), directory.resolve("bundle.yaml"), StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        return file;
    }

    @Test
    void aUidWithoutAnEntryHasTheSameGidAsItsOnlyGroup() throws Exception {
        assertThat(found(daemon("id -u; id -G; echo $HOME", "user: 54321").setup("export HOME=/root")))
                .containsExactly("54321", "54321", "/root");
        assertThat(found(daemon("id -u; id -G", "user: \"54321:77\""))).containsExactly("54321", "77");
    }

    @Test
    void asAnotherUserExitCodeDescriptorsAndSignalsAreTheSame() throws Exception {
        // Given
        ProgramBuilder builder = daemon(
                        "ls -m /proc/$$/fd; grep SigIgn /proc/self/status; cut -d ' ' -f 5 /proc/$$/stat; echo $$;"
                                + " exit 5",
                        "user: nobody")
                .setup("exec 7</etc/passwd; trap '' TERM HUP");

        // When
        try (Program program = builder.start()) {
            int code = program.exitCode();

            // Then
            List<String> lines = program.linesOf("egress");
            assertThat(code).isEqualTo(5);
            assertThat(lines).startsWith("0, 1, 2", "SigIgn:\t0000000000000000");
            assertThat(lines.get(2)).isEqualTo(lines.get(3));
        }
    }

    @Test
    void argumentsArePassedAsWritten() throws Exception {
        // Given
        BundleText bundle =
                bundle().command("egress", List.of("printf", "%s\\n", "$HOME", "a b", "", "*", "h\u00e9", "1000"));

        // Then
        assertThat(found(ProgramBuilder.of(bundle))).containsExactly("$HOME", "a b", "", "*", "h\u00e9", "1000");
    }
}
