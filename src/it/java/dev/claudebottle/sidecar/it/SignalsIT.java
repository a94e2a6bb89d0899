package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals from outside. */
@NeedsNamespaces
class SignalsIT {

    private static final List<String> HARMLESS = List.of("HUP", "USR1", "USR2", "QUIT", "ALRM", "WINCH");

    /** By number: all others that end a process by default, but KILL and those of faults in the JVM's own code. */
    private static final List<Integer> FATAL_BY_DEFAULT =
            List.of(5, 6, 13, 16, 24, 25, 26, 27, 29, 30, 31, 32, 33, 34, 35, 49, 62, 64);

    private static final String CHECKOUT =
            Path.of(Program.LAUNCHER).toAbsolutePath().getParent().toString();

    private static final String APPLICATION = CHECKOUT + "/target/quarkus-app/quarkus-run.jar";

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
    void hupUsr1Usr2QuitAlrmAndWinchDoNothingAndSaySoOnce(boolean init, boolean inheritedAsIgnored) throws Exception {
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
                    .containsExactlyInAnyOrder(
                            "starting egress",
                            "SIGHUP is forwarded to nobody; see forward_hup",
                            "SIGUSR1 is ignored; SIGTERM stops the bundle",
                            "SIGQUIT is ignored; SIGTERM stops the bundle",
                            "SIGALRM is ignored; SIGTERM stops the bundle",
                            "SIGWINCH is ignored; SIGTERM stops the bundle",
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "egress exited with code 143 (SIGTERM)",
                            "exit 0");
            assertThat(program.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noOtherSignalEndsUs(boolean init) throws Exception {
        // Given
        try (Program program = builder(init).start()) {
            program.awaitUp("egress");

            // When
            FATAL_BY_DEFAULT.forEach(number -> program.signal(number.toString()));
            program.signal("TERM");
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines())
                    .contains("shutting down (SIGTERM); forwarding SIGTERM")
                    .contains("SIGPWR is ignored; SIGTERM stops the bundle")
                    .contains("SIGRTMIN+15 is ignored; SIGTERM stops the bundle");
        }
    }

    @Test
    void aSignalThatDoesNothingIsReportedHoweverEarlyItComes() throws Exception {
        // Given: it comes before the launcher is executed, and stays pending; no QUIT, which the launcher's bash
        // discards
        ProgramBuilder builder = ProgramBuilder.of(bundle().daemon("egress", OBEDIENT))
                .setup("set -- env --block-signal=USR1 sh -c 'kill -USR1 $$; exec \"$@\"' sh \"$@\"");

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            program.signal("RTMIN+3");
            program.awaitLine("sidecar-init: SIGRTMIN+3 is ignored; SIGTERM stops the bundle");
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines())
                    .startsWith("SIGUSR1 is ignored; SIGTERM stops the bundle", "starting egress");
        }
    }

    @Test
    void hupForADaemonThatIsNotSelectedIsForwardedToNobody() throws Exception {
        // Given
        BundleText bundle =
                bundle("forward_hup: [pipelock]").daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);

        // When
        try (Program program =
                ProgramBuilder.of(bundle).with("--daemons", "egress").start()) {
            program.awaitUp("egress");
            program.signal("HUP");

            // Then
            program.awaitLine("sidecar-init: SIGHUP is forwarded to nobody; see forward_hup");
            program.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaWithoutBlockedSignalsStopsAsWell(boolean init) throws Exception {
        // Given: as somebody starts it who does not know the launcher
        ProgramBuilder builder = builder(init)
                .launcher(System.getProperty("java.home") + "/bin/java")
                .before("@" + CHECKOUT + "/src/main/launcher/jvm.options", "-jar", APPLICATION);

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            program.signal("HUP");
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).contains("shutting down (SIGTERM); forwarding SIGTERM");
        }
    }

    @Test
    void javaThatNobodyBlockedSignalsForIsRefusedTheOptionXrs() throws Exception {
        // Given
        ProgramBuilder builder = builder(true)
                .launcher(System.getProperty("java.home") + "/bin/java")
                .before("-Xrs", "@" + CHECKOUT + "/src/main/launcher/jvm.options", "-jar", APPLICATION);

        // When
        try (Program program = builder.start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(70);
            assertThat(program.ownLines())
                    .first()
                    .asString()
                    .startsWith("cannot handle SIGTERM: java has the option -Xrs");
            assertThat(program.ownLines()).last().isEqualTo("exit 70");
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
    void aThousandIgnoredSignalsDoNotDelayAStopAndAreOneLineEach() throws Exception {
        // Given
        try (Program program =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).start()) {
            program.awaitUp("egress");
            long pid = program.proc().pid();

            // When
            LinuxProcess.shell("i=0; while [ $i -lt 1000 ]; do kill -HUP " + pid + "; kill -USR1 " + pid + "; kill -40 "
                    + pid + "; i=$((i+1)); done");
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines().stream().filter(line -> line.startsWith("SIG")))
                    .containsExactlyInAnyOrder(
                            "SIGHUP is forwarded to nobody; see forward_hup",
                            "SIGUSR1 is ignored; SIGTERM stops the bundle",
                            "SIGRTMIN+6 is ignored; SIGTERM stops the bundle");
        }
    }
}
