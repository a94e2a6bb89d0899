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

    private final ChildrenFixture fixture = ChildrenFixture.shared();

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
    void aStoppedProcessGetsItsSignalWhenContinued() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("exec sleep 60"));
        Processes.signalGroup(daemon.pid(), STOP);
        awaitState(daemon.pid(), 'T');
        Processes.signalGroup(daemon.pid(), Signal.TERM);
        boolean diedStopped = fixture.listener.isDead(daemon.pid());

        // When
        Processes.signalGroup(daemon.pid(), Signal.CONT);

        // Then
        assertThat(diedStopped).isFalse();
        assertThat(fixture.await(daemon).status()).isEqualTo(new ExitStatus.Killed(Signal.TERM, false));
    }

    @Test
    void aStopAndAContinueAreNotReportedAsDeaths() throws Exception {
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
        assertThat(fixture.listener.isDead(daemon.pid())).isFalse();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        assertThat(fixture.await(daemon).status()).isEqualTo(new ExitStatus.Killed(Signal.KILL, false));
    }

    @Test
    void aGroupExistsAsLongAsOneOfItsProcesses() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("sleep 60 & exit 0"));

        // When
        fixture.listener.awaitExit(daemon.pid());

        // Then
        assertThat(Processes.groupExists(daemon.pid())).isTrue();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        awaitGone(daemon.pid());
        assertThat(Processes.signalGroup(daemon.pid(), Signal.TERM)).isNull();
    }

    private static void awaitGone(int group) {
        await().pollInterval(Duration.ofMillis(2)).until(() -> !Processes.groupExists(group));
    }

    private static void awaitState(int pid, char state) {
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") " + state + " "));
    }
}
