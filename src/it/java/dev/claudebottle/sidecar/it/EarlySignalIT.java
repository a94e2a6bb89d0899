package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One TERM at any moment of our start: from the launcher's first instruction on it is obeyed. */
@NeedsNamespaces
class EarlySignalIT {

    private static final int MOMENTS = 30;
    private static final int TERM = 15;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTermDuringTheStartIsAStop(boolean init) throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "exec sleep 1000").daemon("pipelock", "exec sleep 1000");
        Duration start = durationOfAStart(bundle, init);

        for (int moment = 0; moment < MOMENTS; moment++) {
            // When
            try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
                awaitLauncher(program);
                LockSupport.parkNanos(start.toNanos() * moment / MOMENTS);
                program.signal("TERM");
                int code = program.exitCode();

                // Then
                assertThat(code).isZero();
                assertThat(program.ownLines())
                        .contains("shutting down (SIGTERM); forwarding SIGTERM")
                        .last()
                        .isEqualTo("exit 0");
                assertThat(program.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, TERM", "true, INT", "false, TERM", "false, INT"})
    void aSignalBeforeTheFirstDaemonStartsNothing(boolean init, String signal) throws Exception {
        // Given: the signal comes before the launcher is executed, and stays pending
        ProgramBuilder builder = ProgramBuilder.of(bundle().daemon("egress", "exec sleep 1000"))
                .setup("set -- env --block-signal=" + signal + " sh -c 'kill -" + signal
                        + " $$; exec \"$@\"' sh \"$@\"");

        // When
        try (Program program = builder.init(init).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(program.lines())
                    .containsExactly(
                            "sidecar-init: shutting down (SIG" + signal + "); forwarding SIGTERM",
                            "sidecar-init: exit 0");
        }
    }

    private static void awaitLauncher(Program program) {
        program.awaitThat("blocked signals", () -> program.proc().blocks(TERM));
    }

    private static Duration durationOfAStart(BundleText bundle, boolean init) throws Exception {
        try (Program program = ProgramBuilder.of(bundle).init(init).start()) {
            awaitLauncher(program);
            long began = System.nanoTime();
            program.awaitLine("sidecar-init: starting pipelock");
            return Duration.ofNanos(System.nanoTime() - began);
        }
    }
}
