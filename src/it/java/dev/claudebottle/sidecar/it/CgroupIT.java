package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.QUICK;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where PID 1 may write its cgroup, a daemon's cgroup holds what has left the daemon's session. */
@NeedsNamespaces
class CgroupIT {

    /** Until we have moved it. */
    private static final String MOVED = "until grep -q sidecar-init- /proc/$$/cgroup; do sleep 0.01; done; ";

    private Path cgroup;

    @BeforeEach
    void makeACgroup() throws IOException {
        Path mount = Stream.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
                .map(Path::of)
                .filter(path -> Files.isWritable(path.resolve("cgroup.procs")))
                .findFirst()
                .orElse(null);
        assumeTrue(mount != null, "no cgroup of version 2 can be written here");
        cgroup = Files.createTempDirectory(mount, "sidecar-it");
    }

    @AfterEach
    void removeIt() throws IOException {
        if (cgroup != null) {
            Files.delete(cgroup);
        }
    }

    /** A container: PID 1 is in the cgroup, and no process from outside. */
    private Program start(BundleText bundle) throws IOException {
        return ProgramBuilder.of(bundle)
                .setup("echo $$ >" + cgroup.resolve("cgroup.procs"))
                .start();
    }

    @Test
    void aChildInASessionOfItsOwnGetsTheStopSignalAndIsWaitedFor() throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 60s")
                .daemon(
                        "egress",
                        MOVED
                                + "setsid sh -c \"trap 'sleep 0.3; echo farewell; exit' TERM; echo up; while :; do sleep 0.02; done\" & "
                                + OBEDIENT);

        // When
        try (Program program = start(bundle)) {
            program.awaitThat("two", () -> program.linesOf("egress").size() == 2);
            int code = program.stop();

            // Then
            assertThat(program.linesOf("egress")).containsOnlyOnce("farewell");
            assertThat(program.ownLines()).noneMatch(line -> line.contains("SIGKILL"));
            assertThat(code).isZero();
        }
        assertThat(Files.isDirectory(cgroup.resolve("sidecar-init-egress"))).isFalse();
    }

    @Test
    void aChildInASessionOfItsOwnDoesNotSurviveARestartAndIsNotCounted() throws Exception {
        // Given
        BundleText bundle = bundle("failure_policy: restart", QUICK)
                .daemon("egress", MOVED + "(setsid sleep 4711 &); " + OBEDIENT)
                .daemon("pipelock", MOVED + "(setsid sleep 4712 &); " + OBEDIENT);

        // When
        try (Program program = start(bundle)) {
            program.awaitUp("egress", "pipelock");
            program.awaitHttp();
            program.awaitThat(
                    "both",
                    () -> program.running("sleep 4711").size() == 1
                            && program.running("sleep 4712").size() == 1);
            LinuxProcess left = program.running("sleep 4711").getFirst();
            program.kill("egress");
            program.awaitStart("egress", 2);
            boolean survived = left.isAlive();
            program.awaitThat("another", () -> !program.running("sleep 4711").isEmpty());
            int adopted = program.http.status().getInt("adopted");

            // Then
            assertThat(survived).isFalse();
            assertThat(program.running("sleep 4712")).hasSize(1);
            assertThat(adopted).isZero();
            assertThat(program.stop()).isZero();
        }
    }
}
