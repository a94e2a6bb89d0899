package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessUsageTest {

    /** Above the kernel's largest pid. */
    private static final int NO_PROCESS = 1 << 30;

    private static final ProcessUsage NONE = new ProcessUsage(0, 0);

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void theMemoryOfASessionIsTheSumOfItsProcesses() throws Exception {
        // Given
        Process leader = session("sleep 600 & sleep 600 & wait");
        await().until(() -> leader.children().count() == 2);
        // When / Then
        await().untilAsserted(() -> {
            long alone = Long.parseLong(Files.readString(Path.of("/proc/" + leader.pid() + "/statm"))
                            .split(" ")[1])
                    * 4096;
            assertThat(of(leader).residentBytes()).isGreaterThan(alone);
        });
    }

    @Test
    void theTimeOfALivingChildIsIncluded() throws Exception {
        // Given
        Process leader = session("while :; do :; done & wait");
        // When / Then
        await().untilAsserted(() -> assertThat(of(leader).cpuSeconds()).isGreaterThan(0.1));
    }

    @Test
    void theTimeOfAReapedChildIsIncluded() throws Exception {
        // Given
        Process leader = session("(i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done); sleep 600 & wait");
        // When
        await().until(() -> leader.children()
                .anyMatch(child -> Files.exists(Path.of("/proc/" + child.pid()))
                        && child.info()
                                .command()
                                .filter(command -> !command.endsWith("sh"))
                                .isPresent()));
        // Then
        assertThat(of(leader).cpuSeconds()).isGreaterThan(0.01);
    }

    @Test
    void sessionsAreCountedSeparately() throws Exception {
        // Given
        Process busy = session("while :; do :; done");
        Process idle = session("exec sleep 600");
        await().untilAsserted(() -> assertThat(of(busy).cpuSeconds()).isGreaterThan(0.1));
        // When
        var both = ProcessUsage.ofSessions(Set.of((int) busy.pid(), (int) idle.pid()));
        // Then
        assertThat(both).containsOnlyKeys((int) busy.pid(), (int) idle.pid());
        assertThat(both.get((int) idle.pid()).cpuSeconds()).isLessThan(0.1);
    }

    @Test
    void aSessionWithoutProcessesIsLeftOut() {
        assertThat(ProcessUsage.ofSessions(Set.of(NO_PROCESS))).isEmpty();
    }

    @Test
    void withoutSessionsTheResultIsEmpty() {
        assertThat(ProcessUsage.ofSessions(Set.of())).isEmpty();
    }

    @Test
    void atLeastKeepsTheHigherTimeAndTheCurrentMemory() {
        assertThat(new ProcessUsage(5, 7).atLeast(new ProcessUsage(8, 9))).isEqualTo(new ProcessUsage(8, 7));
        assertThat(new ProcessUsage(8, 7).atLeast(new ProcessUsage(5, 9))).isEqualTo(new ProcessUsage(8, 7));
    }

    private static ProcessUsage of(Process leader) {
        int session = (int) leader.pid();
        return ProcessUsage.ofSessions(Set.of(session)).getOrDefault(session, NONE);
    }

    /** Starts a shell that leads a session of its own. */
    private Process session(String script) throws Exception {
        Process leader = new ProcessBuilder("setsid", "/bin/sh", "-c", script).start();
        started.add(leader);
        return leader;
    }
}
