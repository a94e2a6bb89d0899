package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals from outside. */
@NeedsNamespaces
class SignalsIT {

    private static final List<String> HARMLESS = List.of("HUP", "USR1", "USR2", "QUIT", "ALRM", "WINCH");

    /** A daemon that writes which signals it gets. */
    private static final String LISTENER = "for s in HUP USR1 USR2 QUIT ALRM WINCH; do trap \"echo got $s\" $s; done;"
            + " echo up; while :; do sleep 0.02; done";

    private static ProgramBuilder builder(boolean init) {
        ProgramBuilder builder =
                ProgramBuilder.of(bundle("stop_grace_period: 300ms").daemon("egress", LISTENER));
        return builder.init(init);
    }

    @ParameterizedTest
    @CsvSource({"true, false", "true, true", "false, false", "false, true"})
    void hupUsr1Usr2QuitAlrmAndWinchDoNothing(boolean init, boolean inheritedAsIgnored) throws Exception {
        // Given
        String setup = inheritedAsIgnored ? "trap '' " + String.join(" ", HARMLESS) : "";

        // When
        try (Program program = builder(init).setup(setup).start()) {
            program.awaitUp("egress");
            HARMLESS.forEach(program::signal);
            HARMLESS.forEach(program::signal);
            program.awaitThat("http", program.http::answers);
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.linesOf("egress")).containsOnly("up");
            assertThat(program.ownLines())
                    .containsExactly(
                            "starting egress",
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "egress exited with code 143 (SIGTERM)",
                            "exit 0");
            assertThat(program.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"true, TERM", "true, INT", "false, TERM", "false, INT"})
    void termAndIntWorkEvenWhenInheritedAsIgnored(boolean init, String signal) throws Exception {
        // Given
        ProgramBuilder builder = builder(init).setup("trap '' TERM INT HUP CHLD");

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            program.signal("HUP");
            program.signal(signal);
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).contains("shutting down (SIG" + signal + "); forwarding SIGTERM");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void exitCodesAreSeenEvenWhenChldWasInheritedAsIgnored(boolean init) throws Exception {
        // Given
        ProgramBuilder builder =
                ProgramBuilder.of(bundle().daemon("egress", "exit 6")).setup("trap '' CHLD");

        // When
        try (Program program = builder.init(init).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(6);
        }
    }

    @Test
    void aThousandIgnoredSignalsDoNotDelayAStop() throws Exception {
        // Given
        try (Program program =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).start()) {
            program.awaitUp("egress");
            long pid = program.proc().pid();

            // When
            LinuxProcess.shell(
                    "i=0; while [ $i -lt 1000 ]; do kill -HUP " + pid + "; kill -USR1 " + pid + "; i=$((i+1)); done");
            int code = program.stop();

            // Then
            assertThat(code).isZero();
        }
    }
}
