package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Containers with few rights or resources: read-only, without a user, PATH, processes or descriptors. */
@NeedsNamespaces
class ScarceIT {

    private static final String NOBODY = "setpriv --reuid 54321 --regid 54321 --clear-groups --no-new-privs";

    private static BundleText egress() {
        return bundle().daemon("egress", OBEDIENT);
    }

    private static void runsAndStops(ProgramBuilder builder) throws Exception {
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            program.awaitThat("http", program.http::answers);
            int code = program.stop();
            assertThat(code).isZero();
            assertThat(program.ownLines())
                    .containsExactly(
                            "starting egress",
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "egress exited with code 143 (SIGTERM)",
                            "exit 0");
            assertThat(program.errors()).isEmpty();
        }
    }

    private static void assumeReadableByAnyone() {
        assumeTrue(
                LinuxProcess.shell(NOBODY + " sh -c 'test -r " + Program.LAUNCHER + " && test -x $JAVA_HOME/bin/java'")
                                == 0
                        || LinuxProcess.shell(NOBODY + " test -r " + Program.LAUNCHER) == 0,
                "another user than root can't read the checkout here");
    }

    @Test
    void itRunsOnAReadOnlyRootWithoutTmp() throws Exception {
        // Given
        assumeTrue(!Program.LAUNCHER.startsWith("/tmp"), "the checkout itself is in /tmp");
        ProgramBuilder builder = ProgramBuilder.of(egress())
                .setup("set -e; mount -t tmpfs none /mnt; cp $CLAUDE_BOTTLE_SIDECAR_CONFIG /mnt/bundle.yaml")
                .setup("export CLAUDE_BOTTLE_SIDECAR_CONFIG=/mnt/bundle.yaml")
                .setup("mount -t tmpfs -o ro none /tmp; mount -o remount,bind,ro /; ! touch /proof 2>/dev/null");

        // Then
        runsAndStops(builder);
    }

    @Test
    void itRunsAsAUidWithoutAnEntryAndWithoutNewPrivileges() throws Exception {
        assumeReadableByAnyone();
        runsAndStops(ProgramBuilder.of(egress()).setup("set -- " + NOBODY + " \"$@\""));
    }

    @Test
    void itRunsWithoutPathAndHome() throws Exception {
        runsAndStops(ProgramBuilder.of(egress()).setup("unset PATH HOME"));
    }

    @Test
    void itRunsWithFewDescriptors() throws Exception {
        runsAndStops(ProgramBuilder.of(egress()).setup("ulimit -Sn 128; ulimit -Hn 128"));
    }

    @Test
    void aDaemonThatFailsToStartForLackOfProcessesHasDiedAndTheOthersRunOn() throws Exception {
        // Given: more daemons than the user may have processes, each of which keeps the one that it has
        assumeReadableByAnyone();
        BundleText bundle = bundle("stop_grace_period: 1s").daemon("first", OBEDIENT);
        IntStream.range(0, 60).forEach(i -> bundle.daemon("crowd-" + i, "exec sleep 1000"));
        ProgramBuilder builder = ProgramBuilder.of(bundle).setup("ulimit -p 60; set -- " + NOBODY + " \"$@\"");

        // When
        try (Program program = builder.start()) {
            program.awaitUp("first");
            program.awaitLine(
                    line -> line.matches(
                            "sidecar-init: cannot start crowd-\\d+: .*: Resource temporarily unavailable;.*"),
                    "of a failed start");
            program.awaitThat("all to be tried", () -> program.ownLines().contains("starting crowd-59"));
            boolean alive = program.isAlive();
            long pid = program.proc().pid();
            // the JVM creates a thread for every signal, and loses the signal when it can't: a death makes room for one
            program.awaitThat("the end", () -> {
                LinuxProcess.shell(
                        "pkill -KILL --oldest --exact --parent " + pid + " sleep; kill -TERM " + pid + " 2>/dev/null");
                return !program.isAlive();
            });
            int code = program.exitCode();

            // Then
            assertThat(alive).isTrue();
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit " + code);
            assertThat(code).isNotEqualTo(70).isNotZero();
        }
    }

    @Test
    void aDaemonThatFailsToStartForLackOfDescriptorsHasDiedAndTheOthersRunOn() throws Exception {
        // Given
        BundleText bundle = bundle();
        IntStream.range(0, 60).forEach(i -> bundle.daemon("d" + i, OBEDIENT));
        ProgramBuilder builder = ProgramBuilder.of(bundle).setup("ulimit -Sn 50; ulimit -Hn 50");

        // When
        try (Program program = builder.start()) {
            program.awaitUp("d0");
            program.awaitLine(
                    line -> line.matches("sidecar-init: cannot start d\\d+: .*: Too many open files;.*"),
                    "of a failed start");
            program.awaitThat("all to be tried", () -> program.ownLines().contains("starting d59"));
            int code = program.stop();

            // Then
            assertThat(code).isEqualTo(126);
        }
    }
}
