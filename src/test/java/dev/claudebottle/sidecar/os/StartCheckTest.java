package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.os.StartCheck.Obstacle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartCheckTest {

    private final Environment ours = Environment.ours();

    @TempDir
    Path directory;

    @Test
    void aDaemonThatCanStartHasNoObstacle() {
        Daemon daemon = Daemon.builder("a", "sh")
                .workingDir("/")
                .user(Integer.toString(Libc.callInt(Libc.function("getuid"))))
                .readiness(exec("true"))
                .liveness(Probe.builder().target(new Probe.Target.Tcp("h", 1)).build())
                .build();

        assertThat(StartCheck.of(daemon, ours)).isEmpty();
    }

    @Test
    void allObstaclesAreReported() {
        Daemon daemon = Daemon.builder("a", "/no/such/program")
                .workingDir("/no/such/directory")
                .user("no-such-user")
                .readiness(exec("no-such-probe"))
                .liveness(exec("/etc/passwd"))
                .build();

        assertThat(StartCheck.of(daemon, ours))
                .containsExactly(
                        new Obstacle("working_dir", "/no/such/directory: No such file or directory", Optional.of(126)),
                        new Obstacle("user", "user no-such-user: no such user", Optional.of(126)),
                        new Obstacle("command", "/no/such/program: No such file or directory", Optional.of(127)),
                        new Obstacle("readiness.exec", "no-such-probe: No such file or directory", Optional.empty()),
                        new Obstacle("liveness.exec", "/etc/passwd: Permission denied", Optional.empty()));
    }

    @Test
    void aProgramIsLookedUpInTheDaemonsOwnPathAndFromItsDirectory() throws Exception {
        // Given
        Path program = Files.createFile(directory.resolve("guard"));
        program.toFile().setExecutable(true);
        Daemon byPath = Daemon.builder("a", "guard")
                .environment(Map.of("PATH", directory.toString()))
                .build();
        Daemon fromDirectory =
                Daemon.builder("a", "./guard").workingDir(directory.toString()).build();
        Daemon without = Daemon.of("a", "guard");

        // Then
        assertThat(StartCheck.of(byPath, ours)).isEmpty();
        assertThat(StartCheck.of(fromDirectory, ours)).isEmpty();
        assertThat(StartCheck.of(without, ours)).extracting(Obstacle::key).containsExactly("command");
    }

    @Test
    void anObstacleIsWhatTheStartFailsWith() {
        List<Daemon> daemons = List.of(
                Daemon.of("a", "/no/such/program"),
                Daemon.of("a", "/"),
                Daemon.builder("a", "sh").workingDir("/etc/passwd").build(),
                Daemon.builder("a", "sh").user("no-such-user").build());

        for (Daemon daemon : daemons) {
            CannotStartException cannot =
                    catchThrowableOfType(CannotStartException.class, () -> SpawnSpec.of(daemon, ours));
            assertThat(StartCheck.of(daemon, ours)).singleElement().satisfies(obstacle -> {
                assertThat(obstacle.cause()).isEqualTo(cannot.subject() + ": " + cannot.error());
                assertThat(obstacle.code()).contains(cannot.code());
            });
        }
    }

    private static Probe exec(String... command) {
        return Probe.builder().target(new Probe.Target.Exec(List.of(command))).build();
    }
}
