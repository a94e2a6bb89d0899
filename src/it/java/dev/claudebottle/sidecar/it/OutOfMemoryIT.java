package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Daemons that the kernel's out-of-memory killer ends, and those that it does not. */
@NeedsNamespaces
class OutOfMemoryIT {

    private static final long LIMIT = 220L * 1024 * 1024;

    /** Takes more memory than there is once it gets USR1. */
    private static final String HOG = "exec python3 -c 'import signal; signal.signal(signal.SIGUSR1, lambda *_: None)\n"
            + "print(\"up\", flush=True); signal.pause()\nhog = []\nwhile True: hog.append(b\"x\" * 1048576)'";

    private MemoryCgroup cgroup;

    @BeforeEach
    void makeCgroup() {
        var made = MemoryCgroup.limitedTo(LIMIT);
        assumeThat(made).as("a cgroup with a memory limit").isPresent();
        cgroup = made.orElseThrow();
    }

    private static Object oomKilled(Program program, String daemon) throws Exception {
        program.awaitState(daemon, "exited");
        return ((Map<?, ?>) program.http.daemon(daemon).get("lastExit")).get("oomKilled");
    }

    private static void usr1(Program program, String daemon) throws Exception {
        LinuxProcess.signal(
                "USR1",
                program.inside((int) program.http.daemon(daemon).get("pid")).pid());
    }

    @Test
    void aDaemonThatTheKernelKillsForItsMemoryIsReported() throws Exception {
        // Given
        try (MemoryCgroup group = cgroup;
                Program program = ProgramBuilder.of(
                                bundle().daemon("egress", HOG).daemon("pipelock", "exec sleep 1000"))
                        .setup(group.enter())
                        .start()) {
            program.awaitUp("egress");
            program.awaitHttp();

            // When
            usr1(program, "egress");

            // Then
            assertThat(oomKilled(program, "egress")).isEqualTo(true);
            program.stop();
            assertThat(program.ownLines())
                    .anyMatch(line -> line.startsWith("egress exited with code 137 (SIGKILL, out of memory);"));
        }
    }

    @Test
    void aKillThatEndedAnotherProcessDoesNotCountForALaterDeath() throws Exception {
        // Given: the child of a daemon
        String parent = "(" + HOG + "); echo gone; exec sleep 1000";
        try (MemoryCgroup group = cgroup;
                Program program = ProgramBuilder.of(
                                bundle().daemon("egress", parent).daemon("pipelock", "exec sleep 1000"))
                        .setup(group.enter())
                        .start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            LinuxProcess shell =
                    program.inside((int) program.http.daemon("egress").get("pid"));
            LinuxProcess.signal("USR1", shell.children().getFirst());
            program.awaitLine("[egress] gone");
            assertThat(group.kills()).isEqualTo(1);

            // When
            program.kill("egress");

            // Then
            assertThat(oomKilled(program, "egress")).isNotEqualTo(true);
            program.stop();
        }
    }

    @Test
    void twoThatAreKilledTogetherAreNotMissed() throws Exception {
        // Given
        try (MemoryCgroup group = cgroup;
                Program program = ProgramBuilder.of(bundle().daemon("egress", HOG)
                                .daemon("pipelock", HOG)
                                .daemon("git-gate", "exec sleep 1000"))
                        .setup(group.enter())
                        .start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitHttp();

            // When
            usr1(program, "egress");
            usr1(program, "pipelock");

            // Then
            assertThat(oomKilled(program, "egress")).isEqualTo(true);
            assertThat(oomKilled(program, "pipelock")).isEqualTo(true);
            program.stop();
        }
    }
}
