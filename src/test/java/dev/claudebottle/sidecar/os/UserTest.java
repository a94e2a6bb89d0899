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

    private static final String IDENTITY = "id -u; id -g; id -G; echo $HOME,$USER,$LOGNAME";

    /** A uid without an entry. */
    private static final String UNKNOWN_UID = "54321";

    private final ChildrenFixture fixture = ChildrenFixture.shared();

    @Test
    void aNameSetsUidGidGroupsAndLoginVariables() throws Exception {
        // Given: a user that nearly every distribution has
        assumeRoot();
        assumeTrue(hasUser("daemon"), "there is no user daemon here");
        String uid = fixture.run("id -u daemon").text();
        String gid = fixture.run("id -g daemon").text();
        String groups = fixture.run("id -G daemon").text();
        String home = fixture.run("sed -n 's/^daemon:.*:\\([^:]*\\):[^:]*$/\\1/p' /etc/passwd")
                .text();

        // When
        ChildrenFixture.Ended ended = fixture.run(ChildrenFixture.as("daemon", "/bin/sh", "-c", IDENTITY));

        // Then
        assertThat(ended.lines()).containsExactly(uid, gid, groups, home + ",daemon,daemon");
    }

    @Test
    void aUidWithAnEntryEqualsItsName() throws Exception {
        // Given
        assumeRoot();
        assumeTrue(hasUser("daemon"), "there is no user daemon here");
        String uid = fixture.run("id -u daemon").text();

        // When
        ChildrenFixture.Ended byName = fixture.run(ChildrenFixture.as("daemon", "/bin/sh", "-c", IDENTITY));
        ChildrenFixture.Ended byUid = fixture.run(ChildrenFixture.as(uid, "/bin/sh", "-c", IDENTITY));

        // Then
        assertThat(byUid.text()).isEqualTo(byName.text());
    }

    @Test
    void aUidWithoutAnEntryHasTheSameGidAndNoGroups() throws Exception {
        // Given
        assumeRoot();

        // When
        ChildrenFixture.Ended ended =
                fixture.run(ChildrenFixture.as(UNKNOWN_UID, "grep", "^[UG]id:\\|^Groups:", "/proc/self/status"));

        // Then
        assertThat(ended.lines().stream().map(String::strip))
                .containsExactly("Uid:\t54321\t54321\t54321\t54321", "Gid:\t54321\t54321\t54321\t54321", "Groups:");
    }

    @Test
    void aGidAfterTheUidIsUsedAsGiven() throws Exception {
        // Given
        assumeRoot();

        // When
        ChildrenFixture.Ended ended =
                fixture.run(ChildrenFixture.as(UNKNOWN_UID + ":777", "/bin/sh", "-c", "id -u; id -g; id -G"));

        // Then
        assertThat(ended.lines()).containsExactly(UNKNOWN_UID, "777", "777");
    }

    @Test
    void theConfiguredEnvironmentOverridesTheLoginVariables() throws Exception {
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
    void theDaemonItselfIsTheFirstProcessAndStartsAsWithoutAUser() throws Exception {
        // Given
        assumeRoot();

        // When
        ChildrenFixture.Ended ended = fixture.run(ChildrenFixture.as(
                UNKNOWN_UID,
                "/bin/sh",
                "-c",
                "echo $$; cut -d' ' -f5,6 /proc/$$/stat; grep ^SigBlk /proc/self/status"));

        // Then
        String pid = Integer.toString(ended.pid());
        assertThat(ended.lines()).containsExactly(pid, pid + " " + pid, "SigBlk:\t0000000000000000");
    }

    @Test
    void anUnknownUserFailsToStart() {
        assumeRoot();
        assertFails("no-such-user", "no such user");
        assertFails("daemon:daemon", "expected a name or uid[:gid]");
        assertFails("12:", "expected a name or uid[:gid]");
        assertFails("99999999999", "expected a name or uid[:gid]");
    }

    @Test
    void aMissingProgramFailsToStartForAnotherUserToo() {
        assumeRoot();
        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> fixture.children.start(ChildrenFixture.as(UNKNOWN_UID, "/app/x")))
                .withMessage("/app/x: No such file or directory")
                .matches(failure -> failure.code() == 127);
    }

    @Test
    void withoutRootAnotherUserFailsToStart() {
        asNobody(() -> assertFails("daemon", "only root can run it as another user"));
    }

    @Test
    void aGroupThatWeMayNotSignalExistsAndTheErrorIsReturned() throws Exception {
        // Given
        CollectingListener.Start root = fixture.start(ChildrenFixture.sh("exec sleep 60"));

        // When / Then
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

    /** Runs the test without root's rights. */
    private static void asNobody(Runnable test) {
        assumeRoot();
        // the saved uid stays 0, to become root again
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
