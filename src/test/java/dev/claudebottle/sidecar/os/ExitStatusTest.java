package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@ForkedJvm
class ExitStatusTest {

    private final ChildrenFixture fixture = ChildrenFixture.shared();

    @Test
    void everyExitCodeIsReportedAsItIs() throws Exception {
        // Given
        List<CollectingListener.Start> starts = new ArrayList<>();

        // When
        for (int code = 0; code <= 255; code++) {
            starts.add(fixture.start(ChildrenFixture.sh("exit " + code)));
        }

        // Then
        for (int code = 0; code <= 255; code++) {
            assertThat(fixture.await(starts.get(code)).status()).isEqualTo(new ExitStatus.Code(code));
        }
    }

    @Test
    void everyDeadlySignalIsReportedAsItself() throws Exception {
        for (int number : new int[] {1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 34, 35, 64}) {
            // When
            ExitStatus status =
                    fixture.run("ulimit -c 0; kill -" + number + " $$").status();

            // Then
            assertThat(status).isEqualTo(new ExitStatus.Killed(new Signal(number), false));
        }
    }

    @Test
    void anExitWith143IsDistinctFromADeathBySigterm() throws Exception {
        // When
        ChildrenFixture.Ended script = fixture.run("exit 143");
        ChildrenFixture.Ended killed = fixture.run("kill -TERM $$");

        // Then
        assertThat(script.status()).isEqualTo(new ExitStatus.Code(143));
        assertThat(script.status()).isEqualTo(new ExitStatus.Code(143));
        assertThat(killed.status()).isEqualTo(new ExitStatus.Killed(Signal.TERM, false));
        assertThat(killed.status().number()).isEqualTo(script.status().number());
    }

    @Test
    void aCoreDumpIsReported() throws Exception {
        // Given
        String pattern =
                Files.readString(Path.of("/proc/sys/kernel/core_pattern")).strip();
        assumeTrue(!pattern.contains("/"), "core dumps don't go to the working directory here: " + pattern);
        assumeTrue(fixture.run("ulimit -H -c").text().equals("unlimited"), "core dumps are not allowed here");
        String directory = Files.createTempDirectory("core").toString();

        // When
        Daemon dumps = ChildrenFixture.in(directory, "/bin/sh", "-c", "ulimit -c unlimited; kill -ABRT $$");
        ExitStatus status = fixture.run(dumps).status();

        // Then
        assertThat(status).isEqualTo(new ExitStatus.Killed(new Signal(6), true));
    }
}
