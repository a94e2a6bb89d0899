package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The threads that probes use. */
class ProberThreadsTest {

    private static final int PROBES = 400;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @Test
    void fourHundredConcurrentProbesUseAHandfulOfThreads() throws Exception {
        // Given
        ProberFixture probes = new ProberFixture();
        List<Daemon> daemons = new ArrayList<>();
        try (TestServer server = TestServer.silent()) {
            int before = THREADS.getThreadCount();

            // When
            for (int i = 0; i < PROBES; i++) {
                Daemon daemon =
                        ProberFixture.guard("guard-" + i, server.http(), ProberFixture.NEVER, ProberFixture.NEVER);
                daemons.add(daemon);
                probes.prober.start(daemon, ProbeKind.LIVENESS, 1);
            }
            await().until(() -> server.open.get() == PROBES);

            // Then
            assertThat(THREADS.getThreadCount() - before)
                    .isLessThan(20 + Runtime.getRuntime().availableProcessors());
            daemons.forEach(daemon -> probes.prober.stop(daemon.name()));
            await().until(() -> server.open.get() == 0);
        }
    }

    @Test
    void withoutProbesThereIsNoThread() {
        // When
        long before = clockThreads();
        ProberFixture probes = new ProberFixture();
        probes.prober.prepare(List.of(Daemon.of("guard", "/bin/true")));
        probes.prober.stop("guard");

        // Then
        assertThat(clockThreads()).isEqualTo(before);
    }

    @Test
    void withAProbeTheThreadsAreThereBeforeItStarts() {
        // When
        long before = clockThreads();
        ProberFixture probes = new ProberFixture();
        probes.prober.prepare(List.of(
                ProberFixture.guard(new Probe.Target.Tcp("127.0.0.1", 1), ProberFixture.NEVER, ProberFixture.NEVER)));

        // Then
        assertThat(clockThreads()).isEqualTo(before + 1);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .anyMatch(name -> name.contains("Poller"));
    }

    private static long clockThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("probe-clock"))
                .count();
    }
}
