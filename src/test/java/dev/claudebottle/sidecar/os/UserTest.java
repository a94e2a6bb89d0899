package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.bundle.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@ForkedJvm
class UserTest {

    private static final String WHO = "id -u; id -g; id -G; echo $HOME,$USER,$LOGNAME";

    /** Has no entry anywhere. */
    private static final String STRANGER = "54321";

    private final ChildrenFixture fixture = ChildrenFixture.here();

    @Test
    void aNameMeansItsUidGidGroupsAndLogin() throws Exception {
        // Given: Debian's base system has it everywhere, and so do most others
        assumeRoot();
        assumeTrue(hasUser("daemon"), "there is no user daemon here");
        String uid = fixture.run("id -u daemon").text();
        String gid = fixture.run("id -g daemon").text();
        String groups = fixture.run("id -G daemon").text();
        String home = fixture.run("sed -n 's/^daemon:.*:\\([^:]*\\):[^:]*$/\\1/p' /etc/passwd")
                .text();

        // When
        ChildrenFixture.Ended ended = fixture.run(ChildrenFixture.as("daemon", "/bin/sh", "-c", WHO));

        // Then
        assertThat(ended.lines()).containsExactly(uid, gid, groups, home + ",daemon,daemon");
    }

    @Test
    void aUidWithAnEntryMeansTheSameAsItsName() throws Exception {
        // Given
        assumeRoot();
        assumeTrue(hasUser("daemon"), "there is no user daemon here");
        String uid = fixture.run("id -u daemon").text();

        // When
        ChildrenFixture.Ended byName = fixture.run(ChildrenFixture.as("daemon", "/bin/sh", "-c", WHO));
        ChildrenFixture.Ended byUid = fixture.run(ChildrenFixture.as(uid, "/bin/sh", "-c", WHO));

        // Then
        assertThat(byUid.text()).isEqualTo(byName.text());
    }

    @Test
    void aUidWithoutAnEntryHasItsNumberAsGidAndNoGroups() throws Exception {
        // Given
        assumeRoot();

        // When
        ChildrenFixture.Ended ended =
                fixture.run(ChildrenFixture.as(STRANGER, "grep", "^[UG]id:\\|^Groups:", "/proc/self/status"));

        // Then
        assertThat(ended.lines().stream().map(String::strip))
                .containsExactly("Uid:\t54321\t54321\t54321\t54321", "Gid:\t54321\t54321\t54321\t54321", "Groups:");
    }

    @Test
    void aGidBehindTheUidIsTakenAsItIs() throws Exception {
        // Given
        assumeRoot();

        // When
        ChildrenFixture.Ended ended =
                fixture.run(ChildrenFixture.as(STRANGER + ":777", "/bin/sh", "-c", "id -u; id -g; id -G"));

        // Then
        assertThat(ended.lines()).containsExactly(STRANGER, "777", "777");
    }

    @Test
    void whatTheEnvironmentSaysAboutHomeCountsMore() throws Exception {
        // Given
        assumeRoot();
        assumeTrue(hasUser("daemon"), "there is no user daemon here");
        Map<String, String> environment = Map.of("HOME", "/somewhere");

        // When
        ChildrenFixture.Ended ended = fixture.run(ChildrenFixture.daemon(
                Optional.empty(), Optional.of("daemon"), environment, "/bin/sh", "-c", "echo $HOME,$USER"));

        // Then
        assertThat(ended.text()).isEqualTo("/somewhere,daemon");
    }

    @Test
    void theDaemonItselfIsTheFirstProcessAndKeepsItsCleanStart() throws Exception {
        // Given
        assumeRoot();

        // When
        ChildrenFixture.Ended ended = fixture.run(ChildrenFixture.as(
                STRANGER, "/bin/sh", "-c", "echo $$; cut -d' ' -f5,6 /proc/$$/stat; grep ^SigBlk /proc/self/status"));

        // Then
        String pid = Integer.toString(ended.pid());
        assertThat(ended.lines()).containsExactly(pid, pid + " " + pid, "SigBlk:\t0000000000000000");
    }

    @Test
    void anUnknownUserIsAFailureToStart() {
        assumeRoot();
        assertFails("no-such-user", "no such user");
        assertFails("daemon:daemon", "expected a name or uid[:gid]");
        assertFails("12:", "expected a name or uid[:gid]");
        assertFails("99999999999", "expected a name or uid[:gid]");
    }

    @Test
    void aMissingProgramIsAFailureToStartForAnotherUserToo() {
        assumeRoot();
        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> fixture.children.start(ChildrenFixture.as(STRANGER, "/app/x")))
                .withMessage("/app/x: No such file or directory")
                .matches(failure -> failure.code() == 127);
    }

    @Test
    void withoutRootNobodyElseCanBeAskedFor() {
        asNobody(() -> assertFails("daemon", "only root can run it as another user"));
    }

    @Test
    void aGroupThatWeMayNotSignalIsThereAndTheReasonIsSaid() throws Exception {
        // Given
        CollectingListener.Start root = fixture.start(ChildrenFixture.sh("exec sleep 60"));

        // When, Then
        asNobody(() -> {
            assertThat(Processes.groupExists(root.pid())).isTrue();
            assertThat(Processes.signalGroup(root.pid(), Signal.TERM)).isEqualTo("Operation not permitted");
        });
        assertThat(Processes.signalGroup(root.pid(), Signal.KILL)).isNull();
        fixture.await(root);
    }

    private void assertFails(String user, String error) {
        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> fixture.children.start(ChildrenFixture.as(user, "/bin/true")))
                .withMessage("user " + user + ": " + error)
                .matches(failure -> failure.code() == 126);
    }

    /** Gives up root for a moment. */
    private static void asNobody(Runnable test) {
        assumeRoot();
        // the saved one stays, for the way back
        assertThat(Libc.callInt(Libc.function("setresuid"), 65534, 65534, 0)).isZero();
        try {
            test.run();
        } finally {
            assertThat(Libc.callInt(Libc.function("setresuid"), 0, 0, 0)).isZero();
        }
    }

    private static boolean hasUser(String name) throws IOException {
        return Files.readAllLines(Path.of("/etc/passwd")).stream().anyMatch(line -> line.startsWith(name + ":"));
    }

    private static void assumeRoot() {
        assumeTrue(Libc.callInt(Libc.function("geteuid")) == 0, "only root can run daemons as other users");
    }
}
