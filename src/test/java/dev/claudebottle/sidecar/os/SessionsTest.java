package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

@ForkedJvm
class SessionsTest {

    /** Under {@code set -m} each of these has a group of its own. */
    private static final String TWO_GROUPS = "set -m; sleep 60 & (trap '' TERM; echo up; exec sleep 60) & ";

    private final ChildrenFixture fixture = ChildrenFixture.shared();
    private final SessionWatch watch = new SessionWatch();

    @Test
    void aSignalReachesTheOtherGroupsOfItsSessionAndNoOtherSession() throws Exception {
        // Given
        CollectingListener.Start daemon = up(TWO_GROUPS + "wait");
        CollectingListener.Start other = up("echo up; exec sleep 60");
        int[] members = SessionScan.take().members(daemon.pid());

        // When
        var errors = Sessions.signalOtherGroups(List.of(sent(daemon, Signal.TERM)));

        // Then: one of them ignores it
        assertThat(errors).isEmpty();
        assertThat(members).hasSize(3);
        await().pollInterval(Duration.ofMillis(2)).until(() -> living(daemon) == 2);
        assertThat(living(other)).isEqualTo(1);
        Sessions.kill(daemon.pid());
        Sessions.kill(other.pid());
    }

    @Test
    void eachGroupGetsTheSignalsInTheirOrder() throws Exception {
        // Given
        CollectingListener.Start daemon =
                up("set -m; sh -c 'trap \"echo got it; exit\" TERM; echo up; while :; do sleep 0.01; done' & wait");

        // When
        Sessions.signalOtherGroups(
                List.of(sent(daemon, new Signal(19)), sent(daemon, Signal.TERM), sent(daemon, Signal.CONT)));

        // Then
        assertThat(TestPipe.read(daemon.output())).isEqualTo("got it\n".getBytes());
        Sessions.kill(daemon.pid());
    }

    @Test
    void aKillLeavesNobodyThoughTheyForkNewGroupsMeanwhile() throws Exception {
        // Given: each copy starts the next one, in a group of its own
        CollectingListener.Start daemon =
                up("f() { set -m; sleep 0.001; f & }; f; f; echo up; trap '' TERM; while :; do sleep 1; done");

        // When
        Sessions.kill(daemon.pid());

        // Then
        assertThat(fixture.await(daemon).status()).isEqualTo(new ExitStatus.Killed(Signal.KILL, false));
        await().pollInterval(Duration.ofMillis(2)).until(() -> !watch.isLeft(daemon.pid(), System.nanoTime()));
    }

    @Test
    void severalSessionsAreKilledTogetherWhateverGroupsTheyHave() throws Exception {
        // Given
        CollectingListener.Start one = up("echo up; exec sleep 60");
        CollectingListener.Start several = up(TWO_GROUPS + "wait");

        // When
        var errors = Sessions.signalOtherGroups(List.of(sent(one, Signal.KILL), sent(several, Signal.KILL)));

        // Then: the first process of the second ends when its children have
        assertThat(errors).isEmpty();
        await().pollInterval(Duration.ofMillis(2)).until(() -> living(several) == 0);
        assertThat(living(one)).isEqualTo(1);
        Sessions.kill(one.pid());
    }

    @Test
    void aSessionIsLeftAsLongAsOneOfItsGroupsHasALivingProcess() throws Exception {
        // Given
        CollectingListener.Start daemon = up("set -m; " + "(echo up; exec sleep 60) & exit 7");
        fixture.listener.awaitExit(daemon.pid());

        // When
        boolean before = watch.isLeft(daemon.pid(), System.nanoTime());
        Sessions.signalOtherGroups(List.of(sent(daemon, Signal.TERM)));

        // Then
        assertThat(before).isTrue();
        await().pollInterval(Duration.ofMillis(2)).until(() -> !watch.isLeft(daemon.pid(), System.nanoTime()));
    }

    @Test
    void aZombieThatItsParentNeverReapsDoesNotCount() throws Exception {
        // Given: a process that leaves the session after it has started a child there, and never waits for it
        CollectingListener.Start daemon = up("python3 -c 'if 1:\n import os, time\n if os.fork(): os._exit(0)\n"
                + " if not os.fork(): os._exit(0)\n os.setsid()\n os.write(1, b\"up\\n\")\n time.sleep(60)'");
        fixture.listener.awaitExit(daemon.pid());

        // When
        await().pollInterval(Duration.ofMillis(2)).until(() -> !watch.isLeft(daemon.pid(), System.nanoTime()));

        // Then
        assertThat(SessionScan.take().members(daemon.pid())).hasSize(1);
    }

    @Test
    void aProcessWhoseFirstThreadHasExitedCounts() throws Exception {
        // Given
        CollectingListener.Start daemon = up("python3 -c 'if 1:\n import ctypes, os, threading, time\n"
                + " if os.fork(): os._exit(0)\n"
                + " threading.Thread(target=lambda: (os.write(1, b\"up\\n\"), time.sleep(60))).start()\n"
                + " ctypes.CDLL(None).pthread_exit(None)'");
        fixture.listener.awaitExit(daemon.pid());
        int member = SessionScan.take().members(daemon.pid())[0];
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> ChildrenFixture.childrenInProc().stream()
                        .anyMatch(stat -> stat.startsWith(member + " ") && stat.contains(") Z ")));

        // Then
        assertThat(watch.isLeft(daemon.pid(), System.nanoTime())).isTrue();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        await().pollInterval(Duration.ofMillis(2)).until(() -> !watch.isLeft(daemon.pid(), System.nanoTime()));
    }

    /** Without stderr, on which bash reports what its children do. */
    private CollectingListener.Start up(String script) throws Exception {
        CollectingListener.Start start =
                fixture.start(Daemon.of("guard", "/bin/bash", "-c", "exec 2>/dev/null; " + script));
        assertThat(TestPipe.read(start.output())).isEqualTo("up\n".getBytes());
        return start;
    }

    private static Sessions.Sent sent(CollectingListener.Start daemon, Signal signal) {
        return new Sessions.Sent("guard", daemon.pid(), signal);
    }

    private static long living(CollectingListener.Start daemon) {
        return Arrays.stream(SessionScan.take().members(daemon.pid()))
                .filter(pid -> ProcStat.isLivingIn(daemon.pid(), pid))
                .count();
    }
}
