package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link Children#killAndReapAll}. */
@ForkedJvm
class KillAndReapAllTest {

    private static final String IGNORES_TERM = "trap '' TERM HUP INT; ";

    private final ChildrenFixture fixture = ChildrenFixture.shared();

    @Test
    void endsProcessesThatIgnoreTermAndHaveLeftTheirSession() throws Exception {
        // Given: two levels deep, each in a session of its own
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh(
                IGNORES_TERM + "setsid sh -c \"" + IGNORES_TERM + "setsid sleep 600 & sleep 600\" & echo up; wait"));
        TestPipe.read(daemon.output());
        CollectingListener.Start leaves =
                fixture.start(ChildrenFixture.sh("setsid sleep 600 & setsid sleep 600 & exit 0"));
        fixture.listener.awaitExit(leaves.pid());

        // When
        boolean none = fixture.children.killAndReapAll(in(Duration.ofSeconds(5)));

        // Then
        assertThat(none).isTrue();
        assertThat(fixture.listener.awaitExit(daemon.pid())).isEqualTo(new ExitStatus.Killed(Signal.KILL, false));
        assertThat(ChildrenFixture.childrenInProc()).isEmpty();
    }

    @Test
    void catchesUpWithProcessesThatKeepForking() throws Exception {
        // Given: a chain in which each process starts the next one and exits
        Path script = Files.createTempFile("chain", ".sh");
        Files.writeString(script, "trap '' TERM; sleep 0.01; setsid sh " + script + " &\n");
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("sh " + script + " & exit 0"));
        fixture.listener.awaitExit(daemon.pid());

        // When
        boolean none = fixture.children.killAndReapAll(in(Duration.ofSeconds(10)));

        // Then
        assertThat(none).isTrue();
        assertThat(ChildrenFixture.childrenInProc()).isEmpty();
    }

    @Test
    void withNoChildLeftItSucceedsAtOnce() throws Exception {
        // Given
        fixture.children.killAndReapAll(in(Duration.ofSeconds(5)));

        // When: a deadline that has passed
        boolean none = fixture.children.killAndReapAll(System.nanoTime());

        // Then
        assertThat(none).isTrue();
    }

    @Test
    void givesUpAtItsDeadline() throws Exception {
        // Given
        CollectingListener.Start daemon = fixture.start(ChildrenFixture.sh("exec sleep 60"));

        // When
        boolean none = fixture.children.killAndReapAll(System.nanoTime());

        // Then
        assertThat(none).isFalse();
        Processes.signalGroup(daemon.pid(), Signal.KILL);
        fixture.await(daemon);
    }

    private static long in(Duration duration) {
        return System.nanoTime() + duration.toNanos();
    }
}
