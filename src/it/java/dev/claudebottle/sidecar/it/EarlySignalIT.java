package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A TERM at any moment of our start. */
@NeedsNamespaces
class EarlySignalIT {

    private static final int MOMENTS = 60;

    @Test
    void aTermDuringTheStartNeverEndsUsWhileStartedGuardsRun() throws Exception {
        // Given: moments in the second half of a start, in which main begins
        BundleText bundle = bundle().daemon("egress", "exec sleep 1000").daemon("pipelock", "exec sleep 1000");
        Duration start = durationOfAStart(bundle);

        for (int moment = 0; moment < MOMENTS; moment++) {
            // When
            try (Program program = ProgramBuilder.of(bundle).init(false).start()) {
                long pid = program.proc().pid();
                LockSupport.parkNanos(start.toNanos() * (moment + MOMENTS) / (2 * MOMENTS));
                LinuxProcess.shell("kill -TERM " + pid);
                program.awaitThat("the end", () -> {
                    boolean lost = program.isAlive() && program.ownLines().contains("starting pipelock");
                    return !lost || LinuxProcess.shell("kill -TERM " + pid + " 2>/dev/null") < 0 || !program.isAlive();
                });
                int code = program.exitCode();

                // Then: either nothing was started, or there was a regular stop
                if (program.lines().isEmpty()) {
                    assertThat(code).isIn(143, 1);
                } else {
                    assertThat(program.lines()).last().isEqualTo("sidecar-init: exit 0");
                    assertThat(code).isZero();
                }
            }
        }
    }

    private static Duration durationOfAStart(BundleText bundle) throws Exception {
        try (Program program = ProgramBuilder.of(bundle).init(false).start()) {
            program.proc();
            long began = System.nanoTime();
            program.awaitLine("sidecar-init: starting pipelock");
            return Duration.ofNanos(System.nanoTime() - began);
        }
    }
}
