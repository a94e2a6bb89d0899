package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No guard runs without its supervisor. */
class FaultTest {

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void aFaultOfOurOwnKillsEveryGuardAndExitsWith70() throws IOException, InterruptedException {
        // Given: a supervisor whose second start throws an unexpected exception
        Process supervisor = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Broken.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();

        // When
        String output = new String(supervisor.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = supervisor.waitFor();

        // Then: it logs the fault, kills the guard that ran, and exits
        assertThat(code).isEqualTo(70);
        assertThat(output.lines())
                .contains("sidecar-init: starting guard", "sidecar-init: internal error; SIGKILL to all")
                .endsWith("sidecar-init: exit 70");
        long guard = output.lines()
                .filter(line -> line.startsWith("[guard] "))
                .mapToLong(line -> Long.parseLong(line.substring("[guard] ".length())))
                .findFirst()
                .orElseThrow();
        assertThat(ProcessHandle.of(guard)).isEmpty();
    }

    /** A bundle that the configuration would refuse: a daemon without a command. */
    static final class Broken {

        public static void main(String[] args) throws InterruptedException {
            Daemon guard = Daemon.of("guard", "/bin/sh", "-c", "echo $$; trap '' TERM; exec sleep 1000");
            Daemon withoutCommand = Daemon.of("broken");
            Bundle bundle = BuiltInBundle.get().withDaemons(List.of(guard, withoutCommand));
            new Supervisor(bundle, Environment.ours(), 1, Processes::exit).start();
        }
    }
}
