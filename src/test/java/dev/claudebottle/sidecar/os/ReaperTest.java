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

    private final ChildrenFixture fixture = ChildrenFixture.here();

    @Test
    void aThousandFastExitsAndAThousandOrphansAtOnceAreNotMixedUp() throws Exception {
        // Given: children that leave orphans, all of which end in other ways than the daemons
        long before = fixture.heard.orphans();
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
        fixture.heard.awaitOrphans(before + 1000);
        awaitNoChild();
        assertThat(fixture.heard.orphans()).isEqualTo(before + 1000);
        assertThat(fixture.children.orphansReaped()).isEqualTo(fixture.heard.orphans());
    }

    @Test
    void aDaemonsStatusIsReportedThoughItsChildLivesOn() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("sleep 60 & exit 7"));

        // When
        ExitStatus status = fixture.heard.awaitExit(daemon.pid());

        // Then
        assertThat(status).isEqualTo(new ExitStatus.Code(7));
        assertThat(Processes.groupExists(daemon.pid())).isTrue();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        awaitNoChild();
        assertThat(Processes.groupExists(daemon.pid())).isFalse();
    }

    @Test
    void whereItIsWantedWhatIsLeftOfADeadDaemonsGroupIsKilledWithIt() throws Exception {
        // Given: what is left ignores TERM
        fixture.heard.killsRest = true;
        try {
            CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("trap '' TERM; sleep 60 & exit 7"));

            // When
            ExitStatus status = fixture.heard.awaitExit(daemon.pid());

            // Then
            assertThat(status).isEqualTo(new ExitStatus.Code(7));
            awaitNoChild();
            assertThat(Processes.groupExists(daemon.pid())).isFalse();
        } finally {
            fixture.heard.killsRest = false;
        }
    }

    @Test
    void noZombieStays() throws Exception {
        // Given: a daemon that lives on beside them
        CollectingListener.Start living = fixture.start(ChildrenFixture.sh("exec sleep 60"));
        long before = fixture.heard.orphans();

        // When
        fixture.run("for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.05 &); done");
        fixture.heard.awaitOrphans(before + 10);

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
        awaitNoChild();
        ThreadInfo waiter = waiter();
        await().pollInterval(Duration.ofMillis(1)).until(() -> waiter().getThreadState() == Thread.State.WAITING);
        long cpu = THREADS.getThreadCpuTime(waiter.getThreadId());
        long until = System.nanoTime() + 300_000_000L;

        // When: a busy loop would take all of this time
        await().pollInterval(Duration.ofMillis(50)).until(() -> System.nanoTime() - until >= 0);

        // Then
        assertThat(THREADS.getThreadCpuTime(waiter.getThreadId()) - cpu).isLessThan(150_000_000L);
        assertThat(fixture.run("exit 9").status()).isEqualTo(new ExitStatus.Code(9));
    }

    @Test
    void withALivingChildTheWaiterSleepsToo() throws Exception {
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
        awaitNoChild();
        await().pollInterval(Duration.ofMillis(1)).until(() -> waiter().getThreadState() == Thread.State.WAITING);
        long before = fixture.heard.orphans();

        // When: a child that nobody has told the waiter of
        Daemon stranger = ChildrenFixture.sh("sleep 0.1; exit 1");
        Spawner.Spawned spawned = Spawner.spawn(SpawnSpec.of(stranger, Environment.ours()));
        TestPipe.readAll(spawned.output());

        // Then
        fixture.heard.awaitOrphans(before + 1);
        awaitNoChild();
    }

    @Test
    void startsAndDeathsInTurnsNeverLoseAWakeUp() throws Exception {
        // When: the waiter falls asleep again and again, at the very moment of the next start
        for (int i = 0; i < 300; i++) {
            // Then
            assertThat(fixture.run(Daemon.of("guard", "/bin/true")).status()).isEqualTo(new ExitStatus.Code(0));
        }
    }

    private void awaitNoChild() throws InterruptedException {
        assertThat(fixture.children.awaitNone(System.nanoTime() + 10_000_000_000L))
                .isTrue();
    }

    private static ThreadInfo waiter() {
        return Arrays.stream(THREADS.dumpAllThreads(false, false))
                .filter(thread -> thread.getThreadName().equals("waiter"))
                .findFirst()
                .orElseThrow();
    }
}
