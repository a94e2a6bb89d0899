package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

@ForkedJvm
class ReaperTest {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ChildrenFixture fixture = ChildrenFixture.shared();

    @Test
    void aThousandFastExitsAndAThousandOrphansAtOnceAreToldApart() throws Exception {
        // Given: children that leave orphans, whose statuses differ from all daemons'
        long before = fixture.listener.orphans();
        List<CollectingListener.Start> makers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            makers.add(fixture.start(ChildrenFixture.sh("i=0; while [ $i -lt 125 ]; do"
                    + " (sh -c 'exit 99' & sh -c 'kill -KILL $$' &); i=$((i + 1)); done; exit 55")));
        }

        // When
        List<CollectingListener.Start> daemons = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            daemons.add(fixture.start(ChildrenFixture.sh("exit " + i % 50)));
        }

        // Then
        for (int i = 0; i < 1000; i++) {
            assertThat(fixture.await(daemons.get(i)).status()).isEqualTo(new ExitStatus.Code(i % 50));
        }
        for (CollectingListener.Start maker : makers) {
            assertThat(fixture.await(maker).status()).isEqualTo(new ExitStatus.Code(55));
        }
        fixture.listener.awaitOrphans(before + 1000);
        awaitChildless();
        assertThat(fixture.listener.orphans()).isEqualTo(before + 1000);
        assertThat(fixture.children.orphansReaped()).isEqualTo(fixture.listener.orphans());
    }

    @Test
    void aDaemonsExitIsReportedThoughItsChildLivesOn() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("sleep 60 & exit 7"));

        // When
        ExitStatus status = fixture.listener.awaitExit(daemon.pid());

        // Then
        assertThat(status).isEqualTo(new ExitStatus.Code(7));
        assertThat(Processes.groupExists(daemon.pid())).isTrue();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        awaitChildless();
        assertThat(Processes.groupExists(daemon.pid())).isFalse();
    }

    @Test
    void ifTheListenerWantsItTheRestOfADeadDaemonsGroupIsKilled() throws Exception {
        // Given: a group that ignores TERM
        fixture.listener.killsSessionOf = true;
        try {
            CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("trap '' TERM; sleep 60 & exit 7"));

            // When
            ExitStatus status = fixture.listener.awaitExit(daemon.pid());

            // Then
            assertThat(status).isEqualTo(new ExitStatus.Code(7));
            awaitChildless();
            assertThat(Processes.groupExists(daemon.pid())).isFalse();
        } finally {
            fixture.listener.killsSessionOf = false;
        }
    }

    @Test
    void noZombieRemains() throws Exception {
        // Given: a daemon that lives on
        CollectingListener.Start living = fixture.start(ChildrenFixture.sh("exec sleep 60"));
        long before = fixture.listener.orphans();

        // When
        fixture.run("for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.05 &); done");
        fixture.listener.awaitOrphans(before + 10);

        // Then
        await().pollInterval(Duration.ofMillis(5))
                .untilAsserted(
                        () -> assertThat(ChildrenFixture.childrenInProc()).noneMatch(stat -> stat.contains(") Z ")));
        Processes.signalGroup(living.pid(), Signal.KILL);
        fixture.await(living);
    }

    @Test
    void withoutAChildTheWaiterSleepsAndAStartWakesIt() throws Exception {
        // Given
        awaitChildless();
        ThreadInfo waiter = waiter();
        await().pollInterval(Duration.ofMillis(1)).until(() -> waiter().getThreadState() == Thread.State.WAITING);
        long cpu = THREADS.getThreadCpuTime(waiter.getThreadId());
        long until = System.nanoTime() + 300_000_000L;

        // When: a busy loop would use all of this time
        await().pollInterval(Duration.ofMillis(50)).until(() -> System.nanoTime() - until >= 0);

        // Then
        assertThat(THREADS.getThreadCpuTime(waiter.getThreadId()) - cpu).isLessThan(150_000_000L);
        assertThat(fixture.run("exit 9").status()).isEqualTo(new ExitStatus.Code(9));
    }

    @Test
    void withALivingChildTheWaiterSleeps() throws Exception {
        // Given
        CollectingListener.Start living = fixture.start(ChildrenFixture.sh("exec sleep 60"));
        long id = waiter().getThreadId();
        long cpu = THREADS.getThreadCpuTime(id);
        long until = System.nanoTime() + 300_000_000L;

        // When
        await().pollInterval(Duration.ofMillis(50)).until(() -> System.nanoTime() - until >= 0);

        // Then
        assertThat(THREADS.getThreadCpuTime(id) - cpu).isLessThan(150_000_000L);
        Processes.signalGroup(living.pid(), Signal.KILL);
        fixture.await(living);
    }

    @Test
    void withoutAChildAnAdoptedOrphanWakesTheWaiterWhenItDies() throws Exception {
        // Given
        awaitChildless();
        await().pollInterval(Duration.ofMillis(1)).until(() -> waiter().getThreadState() == Thread.State.WAITING);
        long before = fixture.listener.orphans();

        // When: a child that the waiter does not know of
        Daemon stranger = ChildrenFixture.sh("sleep 0.1; exit 1");
        Spawner.Spawned spawned = Spawner.spawn(SpawnSpec.of(stranger, Environment.ours()));
        TestPipe.readAll(spawned.output());

        // Then
        fixture.listener.awaitOrphans(before + 1);
        awaitChildless();
    }

    @Test
    void alternatingStartsAndDeathsNeverLoseAWakeUp() throws Exception {
        // When: the waiter goes to sleep each time, perhaps just as the next start comes
        for (int i = 0; i < 300; i++) {
            // Then
            assertThat(fixture.run(Daemon.of("guard", "/bin/true")).status()).isEqualTo(new ExitStatus.Code(0));
        }
    }

    private void awaitChildless() throws InterruptedException {
        assertThat(fixture.children.awaitChildless(System.nanoTime() + 10_000_000_000L))
                .isTrue();
    }

    private static ThreadInfo waiter() {
        return Arrays.stream(THREADS.dumpAllThreads(false, false))
                .filter(thread -> thread.getThreadName().equals("waiter"))
                .findFirst()
                .orElseThrow();
    }
}
