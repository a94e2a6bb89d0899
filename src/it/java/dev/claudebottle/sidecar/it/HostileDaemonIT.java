package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Daemons that attack us, or each other. */
@NeedsNamespaces
class HostileDaemonIT {

    @Test
    void aDaemonThatSendsStopOrKillToPid1HasNoEffect() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "kill -STOP 1; kill -KILL 1; kill -HUP 1; " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitThat("ready", () -> program.http.health("ready") == 200);
            int code = program.stop();

            // Then
            assertThat(code).isZero();
        }
    }

    @Test
    void aDaemonThatSendsTermToPid1StopsTheBundleInOrder() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("pipelock", OBEDIENT).daemon("egress", "kill -TERM 1; " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).contains("shutting down (SIGTERM); forwarding SIGTERM");
        }
    }

    @Test
    void theDeathsOfAllDaemonsThatADaemonKillsAreReported() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("pipelock", OBEDIENT)
                .daemon("git-gate", OBEDIENT)
                .daemon("egress", "sleep 0.3; kill -KILL -1; exit 5");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(137);
            assertThat(program.ownLines())
                    .anyMatch(line -> line.startsWith("pipelock exited with code 137 (SIGKILL);"))
                    .anyMatch(line -> line.startsWith("git-gate exited with code 137 (SIGKILL);"))
                    .anyMatch(line -> line.startsWith("egress exited with code 5;"));
        }
    }

    @Test
    void aZombieThatItsParentDoesNotReapDoesNotDelayTheStopBeyondTheGrace() throws Exception {
        // Given: its child leaves the session and never reaps its own child, which stays in the group
        assumeTrue(LinuxProcess.exists("perl"), "perl is not here");
        String keepsAZombie = "if (!fork()) { if (!fork()) { sleep 1000; exit } POSIX::setsid(); sleep 1000; exit }"
                + " $| = 1; print qq(up\\n); sleep 1000";
        BundleText bundle =
                bundle("stop_grace_period: 500ms").command("egress", List.of("perl", "-MPOSIX", "-e", keepsAZombie));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitThat(
                    "all three processes", () -> program.proc().descendants().size() == 3);
            program.signal("TERM");
            int code = program.exitCodeWithin(Duration.ofMillis(2000));

            // Then
            assertThat(code).isZero();
        }
    }

    @Test
    void aProcessWhoseNameLooksLikeFieldsOfProcStatIsKilledAtTheEndOfTheStop() throws Exception {
        // Given: a name with parentheses and blanks in /proc/PID/stat
        BundleText bundle = bundle().daemon(
                        "egress",
                        "d=$(mktemp -d); cp /bin/sleep \"$d/a) S 1 1 (\"; setsid \"$d/a) S 1 1 (\" 1000 & sleep 0.2;"
                                + " rm -r $d; " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitUp("egress");
            LinuxProcess escaped = program.proc().descendants().stream()
                    .filter(proc -> proc.commandLine().endsWith("( 1000"))
                    .findFirst()
                    .orElseThrow();
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(escaped.isAlive()).isFalse();
        }
    }

    @Test
    void aThirdOfAGigabyteWithoutANewlineTakesLittleMemory() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "tr '\\0' x </dev/zero | head -c 300000000; echo; " + OBEDIENT);
        long[] received = new long[1];
        ByteArrayOutputStream keepsTheEnd = new ByteArrayOutputStream() {
            @Override
            public void write(byte[] bytes, int from, int length) {
                received[0] += length;
                if (length < 8000) {
                    super.write(bytes, from, length);
                }
            }
        };

        // When
        try (Program program = ProgramBuilder.of(bundle).into(keepsTheEnd).start()) {
            program.awaitThat("all of it", () -> received[0] > 300_000_000L);
            long residentKb = Long.parseLong(program.proc()
                    .read("status")
                    .lines()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow()
                    .replaceAll("\\D", ""));
            int code = program.stop();

            // Then: far less than was written
            assertThat(residentKb).isLessThan(150_000);
            assertThat(code).isZero();
        }
    }
}
