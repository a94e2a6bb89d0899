package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers with few rights or resources: read-only, without a user, PATH, processes or descriptors. */
@NeedsNamespaces
class ScarceIT {

    private static final String NOBODY = "setpriv --reuid 54321 --regid 54321 --clear-groups --no-new-privs";

    /** Forks until there is no process left, says so, and goes on when there is one again; with "later", from a USR1 on. */
    private static final String FORK_BOMB = """
            exec python3 -c '
            import os, signal, sys, time
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            print("up", flush=True)
            if "later" in sys.argv:
                signal.sigwait([signal.SIGUSR1])
            full = False
            while True:
                try:
                    if os.fork() == 0:
                        signal.pause()
                except OSError:
                    if not full:
                        print("full", flush=True)
                    full = True
                    time.sleep(0.005)
            ' \
            """;

    private static BundleText egress() {
        return bundle().daemon("egress", OBEDIENT);
    }

    private static boolean isReady(Program program) {
        return program.http.health("ready") == 200;
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

    @Test
    void itRunsOnAReadOnlyRootWithoutTmp() throws Exception {
        // Given
        assumeTrue(!Program.LAUNCHER.startsWith("/tmp"), "the checkout itself is in /tmp");
        ProgramBuilder builder = ProgramBuilder.of(egress())
                .setup("set -e; mount -t tmpfs none /mnt; cp $CLAUDE_BOTTLE_SIDECAR_CONFIG /mnt/bundle.yaml")
                .setup(
                        "export CLAUDE_BOTTLE_SIDECAR_CONFIG=/mnt/bundle.yaml CLAUDE_BOTTLE_SIDECAR_SOCKET=/mnt/control.sock")
                .setup("mount -t tmpfs -o ro none /tmp; mount -o remount,bind,ro /; ! touch /proof 2>/dev/null");

        // Then
        runsAndStops(builder);
    }

    @Test
    void itRunsAsAUidWithoutAnEntryAndWithoutNewPrivileges() throws Exception {
        Program.assumeReadableByAnyone();
        runsAndStops(ProgramBuilder.of(egress()).setup("set -- " + NOBODY + " \"$@\""));
    }

    @Test
    void itRunsWithoutPathAndHome() throws Exception {
        runsAndStops(ProgramBuilder.of(egress()).setup("unset PATH HOME"));
    }

    @Test
    void itRunsWithFewDescriptors() throws Exception {
        runsAndStops(ProgramBuilder.of(egress()).setup("ulimit -Sn 130; ulimit -Hn 130"));
    }

    @Test
    void aDaemonThatFailsToStartForLackOfProcessesHasDiedAndTheOthersRunOn() throws Exception {
        // Given: more daemons than the user may have processes, each of which keeps the one that it has
        Program.assumeReadableByAnyone();
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
            int code = program.stop();

            // Then
            assertThat(alive).isTrue();
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit " + code);
            assertThat(code).isNotEqualTo(70).isNotZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 16, 20, 24, 28, 32, 40, 60})
    void oneTermStopsUsWhenADaemonTookEveryProcessAtOurStart(int limit) throws Exception {
        // Given
        Program.assumeReadableByAnyone();
        ProgramBuilder builder = ProgramBuilder.of(bundle().daemon("egress", FORK_BOMB))
                .setup("ulimit -p " + limit + "; set -- " + NOBODY + " \"$@\"");

        // When
        try (Program program = builder.start()) {
            program.awaitThat(
                    "a full machine, or a refusal",
                    () -> program.linesOf("egress").contains("full") || !program.isAlive());
            if (program.isAlive()) {
                program.signal("TERM");
            }
            int code = program.exitCode();

            // Then: either it ran and stopped, or it says what is missing
            if (program.linesOf("egress").contains("full")) {
                assertThat(code).isZero();
                assertThat(program.ownLines()).contains("shutting down (SIGTERM); forwarding SIGTERM");
            } else {
                assertThat(code).isIn(1, 70, 126);
                assertThat(program.lines() + " " + program.errors())
                        .containsAnyOf("unable to create native thread", "Resource temporarily unavailable");
            }
        }
    }

    @Test
    void healthProbesAndAStopGoOnWhenADaemonTakesEveryProcess() throws Exception {
        // Given: one process more than we need when idle
        Program.assumeReadableByAnyone();
        int port = ProgramBuilder.freePort();
        BundleText bundle = bundle("failure_policy: restart")
                .daemon("egress", FORK_BOMB + "later")
                .daemon(
                        "pipelock",
                        "exec python3 -m http.server --bind 127.0.0.1 " + port + " 2>/dev/null >&2",
                        "readiness: {tcp: \"127.0.0.1:" + port + "\", period: 100ms}",
                        "liveness: {exec: [\"true\"], period: 100ms, failure_threshold: 1}");
        int idle;
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("ready", () -> isReady(program));
            idle = program.proc().threads()
                    + program.proc().descendants().stream()
                            .mapToInt(LinuxProcess::threads)
                            .sum();
        }
        ProgramBuilder builder =
                ProgramBuilder.of(bundle).setup("ulimit -p " + (idle + 8) + "; set -- " + NOBODY + " \"$@\"");

        // When
        try (Program program = builder.start()) {
            program.awaitThat("ready", () -> isReady(program));
            LinuxProcess.signal(
                    "USR1",
                    program.inside((int) program.http.daemon("egress").get("pid"))
                            .pid());
            program.awaitLine("[egress] full");
            program.awaitLine(
                    "sidecar-init: cannot probe pipelock: cannot start /usr/bin/true: Resource temporarily unavailable; trying again");
            boolean ready = isReady(program);
            int code = program.stop();

            // Then
            assertThat(ready).isTrue();
            assertThat(code).isZero();
            assertThat(program.ownLines()).noneMatch(line -> line.contains("failed its liveness probe"));
            assertThat(program.ownLines().stream().filter(line -> line.contains("cannot probe")))
                    .hasSize(1);
        }
    }

    @Test
    void oneTermStopsUsWhenMemoryIsShort() throws Exception {
        // Given: a daemon that takes all memory, again and again
        Optional<MemoryCgroup> cgroup = MemoryCgroup.limitedTo(220L * 1024 * 1024);
        assumeTrue(cgroup.isPresent(), "no cgroup with a memory limit here");
        BundleText bundle = bundle("failure_policy: restart", "restart: {initial_delay: 1ms, max_delay: 1ms}")
                .daemon("egress", "echo up; exec python3 -c '\nhog = []\nwhile True: hog.append(b\"x\" * 1048576)'")
                .daemon("pipelock", OBEDIENT);

        // When
        try (MemoryCgroup group = cgroup.get();
                Program program = ProgramBuilder.of(bundle).setup(group.enter()).start()) {
            program.awaitThat("three kills", () -> group.kills() >= 3);
            int code = program.stop();

            // Then
            assertThat(code).isIn(0, 137);
            assertThat(program.ownLines()).last().isEqualTo("exit " + code);
            assertThat(program.ownLines()).noneMatch(line -> line.startsWith("pipelock exited with code 137"));
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
