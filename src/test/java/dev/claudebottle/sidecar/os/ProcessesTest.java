package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@ForkedJvm
class ProcessesTest {

    private static final Signal STOP = new Signal(19);
    private static final String IGNORES_TERM = "trap '' TERM HUP INT; ";

    private final ChildrenFixture fixture = ChildrenFixture.here();

    @Test
    void aSignalReachesEveryProcessOfTheGroup() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("sleep 60 & sleep 60 & echo up; wait"));
        assertThat(TestPipe.read(daemon.output())).isEqualTo("up\n".getBytes());

        // When
        String problem = Processes.signalGroup(daemon.pid(), Signal.TERM);

        // Then
        assertThat(problem).isNull();
        assertThat(fixture.await(daemon).status()).isEqualTo(new ExitStatus.Killed(Signal.TERM, false));
        awaitGone(daemon.pid());
    }

    @Test
    void aStoppedProcessGetsItsSignalOnceItIsContinued() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("exec sleep 60"));
        Processes.signalGroup(daemon.pid(), STOP);
        awaitState(daemon.pid(), 'T');
        Processes.signalGroup(daemon.pid(), Signal.TERM);
        boolean diedStopped = fixture.heard.isDead(daemon.pid());

        // When
        Processes.signalGroup(daemon.pid(), Signal.CONT);

        // Then
        assertThat(diedStopped).isFalse();
        assertThat(fixture.await(daemon).status()).isEqualTo(new ExitStatus.Killed(Signal.TERM, false));
    }

    @Test
    void aStopAndAContinueAreNoDeaths() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("exec sleep 60"));

        // When
        for (int i = 0; i < 20; i++) {
            Processes.signalGroup(daemon.pid(), STOP);
            awaitState(daemon.pid(), 'T');
            Processes.signalGroup(daemon.pid(), Signal.CONT);
            awaitState(daemon.pid(), 'S');
        }

        // Then
        assertThat(fixture.heard.isDead(daemon.pid())).isFalse();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        assertThat(fixture.await(daemon).status()).isEqualTo(new ExitStatus.Killed(Signal.KILL, false));
    }

    @Test
    void aGroupIsThereAsLongAsOneOfItsProcessesIs() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("sleep 60 & exit 0"));

        // When
        fixture.heard.awaitExit(daemon.pid());

        // Then
        assertThat(Processes.groupExists(daemon.pid())).isTrue();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        awaitGone(daemon.pid());
        assertThat(Processes.signalGroup(daemon.pid(), Signal.TERM)).isNull();
    }

    @Test
    void theSweepEndsWhatIgnoresTermAndHasLeftItsSession() throws Exception {
        // Given: two levels deep, each in a session of its own
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh(
                IGNORES_TERM + "setsid sh -c \"" + IGNORES_TERM + "setsid sleep 600 & sleep 600\" & echo up; wait"));
        TestPipe.read(daemon.output());
        CollectingListener.Start leaves =
                fixture.start(ChildrenFixture.sh("setsid sleep 600 & setsid sleep 600 & exit 0"));
        fixture.heard.awaitExit(leaves.pid());

        // When
        boolean swept = Processes.sweep(fixture.children, in(Duration.ofSeconds(5)));

        // Then
        assertThat(swept).isTrue();
        assertThat(fixture.heard.awaitExit(daemon.pid())).isEqualTo(new ExitStatus.Killed(Signal.KILL, false));
        assertThat(ChildrenFixture.childrenInProc()).isEmpty();
    }

    @Test
    void theSweepCatchesUpWithWhatForksOn() throws Exception {
        // Given: each process starts the next one and ends
        Path script = Files.createTempFile("chain", ".sh");
        Files.writeString(script, "trap '' TERM; sleep 0.01; setsid sh " + script + " &\n");
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("sh " + script + " & exit 0"));
        fixture.heard.awaitExit(daemon.pid());

        // When
        boolean swept = Processes.sweep(fixture.children, in(Duration.ofSeconds(10)));

        // Then
        assertThat(swept).isTrue();
        assertThat(ChildrenFixture.childrenInProc()).isEmpty();
    }

    @Test
    void withNothingLeftTheSweepIsOverAtOnce() throws Exception {
        // Given
        Processes.sweep(fixture.children, in(Duration.ofSeconds(5)));

        // When: a deadline that has passed
        boolean swept = Processes.sweep(fixture.children, System.nanoTime());

        // Then
        assertThat(swept).isTrue();
    }

    @Test
    void theSweepGivesUpAtItsDeadline() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("exec sleep 60"));

        // When
        boolean swept = Processes.sweep(fixture.children, System.nanoTime());

        // Then
        assertThat(swept).isFalse();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        fixture.await(daemon);
    }

    private static long in(Duration duration) {
        return System.nanoTime() + duration.toNanos();
    }

    private static void awaitGone(int group) {
        await().pollInterval(Duration.ofMillis(2)).until(() -> !Processes.groupExists(group));
    }

    private static void awaitState(int pid, char state) {
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") " + state + " "));
    }
}
