package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.bundle.Signal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
    void itCanOpenItsOutputByPathForWritingAndNotForReading() throws Exception {
        // Given
        assumeRoot();
        String script = "echo 1 >/dev/stdout; echo 2 >>/dev/stderr; echo 3 | tee /proc/self/fd/1; exec cat /dev/stdout";

        // When
        ChildrenFixture.Ended ended = fixture.run(ChildrenFixture.as(UNKNOWN_UID, "/bin/sh", "-c", script));

        // Then: tee writes to its stdout as well
        assertThat(ended.lines()).containsExactly("1", "2", "3", "3", "cat: /dev/stdout: Permission denied");
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
    void withoutRootAnotherUserFailsToStart() throws Exception {
        for (String user : List.of("daemon", "65534", "65534:1")) {
            assertThat(asNobody(() -> failure(user)))
                    .hasMessage("user " + user + ": only root can run it as another user")
                    .extracting(CannotStartException::code)
                    .isEqualTo(126);
        }
    }

    @Test
    void ourOwnUserNeedsNoRight() throws Exception {
        // When: nobody with the group 0
        CollectingListener.Start own =
                asNobody(() -> fixture.start(ChildrenFixture.as("65534:0", "/bin/sh", "-c", IDENTITY)));

        // Then
        assertThat(fixture.await(own).lines()).startsWith("65534", "0");
    }

    @Test
    void ourOwnUserIsStartedWithoutSetpriv() throws Exception {
        // Given
        String ours = Libc.callInt(Libc.function("geteuid")) + ":" + Libc.callInt(Libc.function("getegid"));
        List<String> command = List.of("/bin/true");

        // When
        SpawnSpec spec = SpawnSpec.of(ChildrenFixture.as(ours, "/bin/true"), command, Environment.ours());

        // Then
        assumeTrue(Credentials.ours().are(User.find(ours)), "we have groups besides those of our user");
        assertThat(spec.program()).isEqualTo("/bin/true");
    }

    @Test
    void aGroupThatWeMayNotSignalExistsAndTheErrorIsReturned() throws Exception {
        // Given
        CollectingListener.Start root = fixture.start(ChildrenFixture.sh("exec sleep 60"));

        // When
        boolean exists = asNobody(() -> Processes.groupExists(root.pid()));
        String error = asNobody(() -> Processes.signalGroup(root.pid(), Signal.TERM));

        // Then
        assertThat(exists).isTrue();
        assertThat(error).isEqualTo("Operation not permitted");
        assertThat(Processes.signalGroup(root.pid(), Signal.KILL)).isNull();
        fixture.await(root);
    }

    private CannotStartException failure(String user) {
        try {
            fixture.children.start(ChildrenFixture.as(user, "/bin/true"));
            return null;
        } catch (CannotStartException expected) {
            return expected;
        }
    }

    private void assertFails(String user, String error) {
        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> fixture.children.start(ChildrenFixture.as(user, "/bin/true")))
                .withMessage("user " + user + ": " + error)
                .matches(failure -> failure.code() == 126);
    }

    /** Does something without root's rights. No assertions there: nobody may be unable to read the libraries of these. */
    private static <T> T asNobody(Callable<T> action) throws Exception {
        assumeRoot();
        MemorySegment setresuid = Libc.function("setresuid");
        // the saved uid stays 0, to become root again
        Libc.callInt(setresuid, 65534, 65534, 0);
        T result;
        try {
            result = action.call();
        } finally {
            Libc.callInt(setresuid, 0, 0, 0);
        }
        return result;
    }

    private static boolean hasUser(String name) throws IOException {
        return Files.readAllLines(Path.of("/etc/passwd")).stream().anyMatch(line -> line.startsWith(name + ":"));
    }

    private static void assumeRoot() {
        assumeTrue(Libc.callInt(Libc.function("geteuid")) == 0, "only root can run daemons as other users");
    }
}
