package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.Children;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.ForkedJvm;
import dev.claudebottle.sidecar.os.Processes;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Real daemons write, the pump reads. */
@ForkedJvm(startedBy = {"/usr/bin/env", "PATH=/usr/bin:/bin"})
class RealDaemonsTest {

    private static final List<String> NAMES = List.of("egress", "pipelock", "git-gate", "supervise");
    private static final int MANY = 300_000;

    /** One for the JVM, which can have one {@link Children}; a holder, so that Surefire's own JVM makes none. */
    private static final class Shared {

        static final PumpListener LISTENER = new PumpListener();
        static final Children CHILDREN = new Children(Environment.ours(), LISTENER);

        static {
            CHILDREN.startReaping();
        }
    }

    @Test
    void fourDaemonsAtFullSpeedArePrintedToTheLastByte() throws Exception {
        PumpFixture fixture = Shared.LISTENER.connect(PumpFixture.text());
        // When
        for (String name : NAMES) {
            Shared.CHILDREN.start(
                    Daemon.of(name, "seq", "-f", name + " says %.0f \u00e9", "1", Integer.toString(MANY)));
        }
        for (String name : NAMES) {
            Shared.LISTENER.awaitEnd(name);
        }
        List<String> lines = fixture.finish().lines().toList();

        // Then
        for (String name : NAMES) {
            String label = "[" + name + "] ";
            assertThat(digest(lines.stream()
                            .filter(line -> line.startsWith(label))
                            .map(line -> line.substring(label.length()))
                            .collect(Collectors.joining("\n"))))
                    .isEqualTo(digest(IntStream.rangeClosed(1, MANY)
                            .mapToObj(i -> name + " says " + i + " \u00e9")
                            .collect(Collectors.joining("\n"))));
            assertThat(lines.indexOf("sidecar-init: " + name + " exited"))
                    .isGreaterThan(lines.lastIndexOf(label + name + " says " + MANY + " \u00e9"));
        }
        assertThat(lines).hasSize(4 * MANY + 4 + 1);
    }

    @Test
    void allLastWordsComeBeforeTheDeath() throws Exception {
        PumpFixture fixture = Shared.LISTENER.connect(PumpFixture.text());
        // Given
        Shared.CHILDREN.start(Daemon.of(
                "egress",
                "/bin/sh",
                "-c",
                "trap 'seq 1 1000; echo bye >&2; exit 0' TERM; echo up; while :; do sleep 0.01; done"));
        fixture.awaitLine("[egress] up");

        // When
        Processes.signalGroup(Shared.LISTENER.pid("egress"), Signal.TERM);
        Shared.LISTENER.awaitEnd("egress");
        List<String> lines = fixture.finish()
                .lines()
                .filter(line -> !line.contains("Terminated"))
                .toList();

        // Then
        assertThat(lines).hasSize(1 + 1000 + 1 + 1 + 1);
        assertThat(lines.subList(1000, 1004))
                .containsExactly(
                        "[egress] 1000", "[egress] bye", "sidecar-init: egress exited", "sidecar-init: exit 0");
    }

    @Test
    void theDeathIsLoggedThoughAGrandchildFloodsThePipe() throws Exception {
        PumpFixture fixture = Shared.LISTENER.connect(PumpFixture.text());
        // When
        Shared.CHILDREN.start(Daemon.of("egress", "/bin/sh", "-c", "echo last words; yes noise & exit 3"));
        Shared.LISTENER.awaitEnd("egress");

        // Then
        fixture.awaitLine("sidecar-init: egress exited");
        Processes.signalGroup(Shared.LISTENER.pid("egress"), Signal.KILL);
        List<String> lines = fixture.finish().lines().toList();
        assertThat(lines.indexOf("[egress] last words")).isBetween(0, lines.indexOf("sidecar-init: egress exited") - 1);
    }

    private static String digest(String text) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    }

    /** Connects children and pump as the supervisor does. */
    private static final class PumpListener implements Children.Listener {

        private final Map<String, Integer> pids = new ConcurrentHashMap<>();
        private final Map<String, CountDownLatch> ends = new ConcurrentHashMap<>();
        private volatile PumpFixture fixture;

        PumpFixture connect(PumpFixture next) {
            fixture = next;
            return next;
        }

        int pid(String daemon) {
            return pids.get(daemon);
        }

        void awaitEnd(String daemon) throws InterruptedException {
            ends.get(daemon).await();
        }

        @Override
        public void started(String daemon, int pid, int output) {
            pids.put(daemon, pid);
            ends.put(daemon, new CountDownLatch(1));
            fixture.pump.attach(daemon, output);
        }

        @Override
        public void exited(String daemon, int pid, ExitStatus status) {
            fixture.pump.sayAfterLastWords(daemon, OwnLine.info(daemon + " exited"));
            ends.get(daemon).countDown();
        }

        @Override
        public boolean killsSessionOf(String daemon) {
            return false;
        }

        @Override
        public void orphanReaped() {}

        @Override
        public void failed(Throwable fault) {
            throw new AssertionError(fault);
        }
    }
}
