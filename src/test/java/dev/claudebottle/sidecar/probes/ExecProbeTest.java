package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.os.Children;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.ForkedJvm;
import dev.claudebottle.sidecar.os.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@code env} gives this class a JVM of its own, because a JVM can have only one {@link Children}. */
@ForkedJvm(startedBy = "env")
class ExecProbeTest {

    private static final Children CHILDREN = children();

    private final ProberFixture probes = new ProberFixture(CHILDREN);
    private final Path directory = temporary();

    @Test
    void exitCode0Passes() throws Exception {
        assertThat(check("exit 0")).isEmpty();
    }

    @Test
    void anyOtherExitCodeFails() throws Exception {
        assertThat(check("exit 1")).contains("exit code 1");
        assertThat(check("exit 255")).contains("exit code 255");
    }

    @Test
    void aDeathByASignalFails() throws Exception {
        assertThat(check("ulimit -c 0; kill -SEGV $$")).contains("killed by SIGSEGV");
    }

    @Test
    void aCommandThatCantBeStartedFails() throws Exception {
        assertThat(probes.check(exec("/app/x"), "5s")).contains("cannot start /app/x: No such file or directory");
        assertThat(probes.check(exec(directory.toString()), "5s"))
                .contains("cannot start " + directory + ": Permission denied");
    }

    @Test
    void itRunsInTheDaemonsDirectoryWithItsEnvironment() throws Exception {
        // Given
        Daemon daemon = ProberFixture.guard(
                "guard",
                Map.of("GREETING", "gr\u00fc\u00df dich"),
                Optional.of(directory.toString()),
                Optional.empty(),
                sh("pwd -P > out; echo \"$GREETING\" >> out; test -n \"$PATH\""),
                ProberFixture.NEVER,
                "10s");

        // When / Then
        assertThat(probes.check(daemon)).isEmpty();
        assertThat(output()).containsExactly(directory.toRealPath().toString(), "gr\u00fc\u00df dich");
    }

    @Test
    void itRunsAsTheDaemonsUser() throws Exception {
        // Given
        assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"), "only root can run it as another");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Daemon daemon = ProberFixture.guard(
                "guard",
                Map.of(),
                Optional.of(directory.toString()),
                Optional.of("54321:777"),
                sh("echo $(id -u) $(id -g) > out"),
                ProberFixture.NEVER,
                "10s");

        // When / Then
        assertThat(probes.check(daemon)).isEmpty();
        assertThat(output()).containsExactly("54321 777");
    }

    @Test
    void itHasASessionOfItsOwnAndOnlyDevNull() throws Exception {
        // When
        Optional<String> failure = check("cut -d' ' -f5,6 /proc/$$/stat > out; echo $$ >> out;"
                + " for fd in /proc/$$/fd/*; do readlink $fd >> out; done; echo lost; echo lost >&2");

        // Then
        assertThat(failure).isEmpty();
        List<String> output = output();
        String pid = output.get(1);
        assertThat(output.getFirst()).isEqualTo(pid + " " + pid);
        assertThat(output.subList(2, output.size())).contains("/dev/null", "/dev/null", "/dev/null");
        assertThat(output.subList(2, output.size()))
                .filteredOn(name -> !name.endsWith("/out"))
                .containsOnly("/dev/null");
    }

    @Test
    void atTheTimeoutItsProcessGroupIsKilled() throws Exception {
        // When: it ignores TERM and has children
        Optional<String> failure = probes.check(inDirectory(
                "trap '' TERM; sleep 300 & echo $! > out; sh -c 'sleep 300; true' & echo $! >> out; wait", "500ms"));

        // Then
        assertThat(failure).contains("no answer within 500ms");
        awaitGone(2);
    }

    @Test
    void aStopKillsItsProcessGroupAndDropsTheResult() throws Exception {
        // Given
        probes.prober.start(
                inDirectory("trap '' TERM; sleep 300 & echo $! > out; echo $$ >> out; wait", ProberFixture.NEVER),
                ProbeKind.LIVENESS,
                1);
        await().until(() -> output().size() == 2);

        // When
        probes.prober.stop("guard");

        // Then
        awaitGone(2);
        assertThat(probes.isEmpty()).isTrue();
    }

    @Test
    void theRestOfItsProcessGroupIsKilledAtItsExit() throws Exception {
        assertThat(check("sleep 300 & echo $! > out")).isEmpty();
        awaitGone(1);
    }

    @Test
    void itIsNotCountedAsAnOrphan() throws Exception {
        // Given
        await().until(ExecProbeTest::hasNoChild);
        long before = CHILDREN.orphansReaped();

        // When
        for (int i = 0; i < 20; i++) {
            assertThat(check("exit 3")).contains("exit code 3");
        }

        // Then
        assertThat(CHILDREN.orphansReaped()).isEqualTo(before);
    }

    @Test
    void aHundredConcurrentProbesGetTheirOwnResults() throws Exception {
        // When
        for (int i = 0; i < 100; i++) {
            Daemon daemon = ProberFixture.guard("guard-" + i, sh("exit " + i), ProberFixture.NEVER, "50s");
            probes.prober.start(daemon, ProbeKind.READINESS, i);
        }

        // Then
        for (int i = 0; i < 100; i++) {
            var result = probes.next();
            assertThat(result.daemon()).isEqualTo("guard-" + result.start());
            assertThat(result.failure())
                    .isEqualTo(result.start() == 0 ? Optional.empty() : Optional.of("exit code " + result.start()));
        }
    }

    private Optional<String> check(String script) throws InterruptedException {
        return probes.check(inDirectory(script, "20s"));
    }

    private Daemon inDirectory(String script, String timeout) {
        return ProberFixture.guard(
                "guard",
                Map.of(),
                Optional.of(directory.toString()),
                Optional.empty(),
                sh(script),
                ProberFixture.NEVER,
                timeout);
    }

    private static Probe.Target sh(String script) {
        return exec("/bin/sh", "-c", script);
    }

    private static Probe.Target exec(String... command) {
        return new Probe.Target.Exec(List.of(command));
    }

    private List<String> output() throws IOException {
        Path file = directory.resolve("out");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** Waits for the end of the processes whose pids the command has written down. */
    private void awaitGone(int count) throws IOException {
        List<String> pids = output();
        assertThat(pids).hasSize(count);
        await().until(() -> pids.stream().noneMatch(pid -> Files.exists(Path.of("/proc", pid))));
    }

    /** Zombies are children, too. */
    private static boolean hasNoChild() {
        return ProcessHandle.current().children().findAny().isEmpty();
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("probe");
        } catch (IOException cannot) {
            throw new UncheckedIOException(cannot);
        }
    }

    private static Children children() {
        Children children = new Children(Environment.ours(), new Children.Listener() {

            @Override
            public void started(String daemon, int pid, int output) {}

            @Override
            public void exited(String daemon, int pid, ExitStatus status) {}

            @Override
            public boolean killsSessionOf(String daemon) {
                return false;
            }

            @Override
            public void orphanReaped() {}

            @Override
            public void failed(Throwable fault) {
                Processes.exit(70);
            }
        });
        if (Boolean.getBoolean(ForkedJvm.PROPERTY)) {
            // in Surefire's JVM it would reap the processes of other tests
            children.startReaping();
        }
        return children;
    }
}
