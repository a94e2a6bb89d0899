package dev.claudebottle.sidecar.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.it.Command;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bundle's container without compose: start, health and stop. */
@NeedsEngine
class OneContainerIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String HOSTS = "--env=CLAUDE_BOTTLE_ALLOWED_HOSTS=allowed.test";
    private static final String BUILT_IN = "--env=CLAUDE_BOTTLE_SIDECAR_CONFIG=";

    private String container;

    @AfterEach
    void remove() {
        if (container != null) {
            Docker.remove(container);
        }
    }

    @Test
    void aStopEndsItWith0InsideTheGrace() {
        // Given
        container = Docker.start(HOSTS);
        awaitHealth("healthy");

        // When
        Docker.docker("stop", "--time", "10", container).succeeded();

        // Then
        assertThat(Docker.inspect(container, "{{.State.ExitCode}}")).isEqualTo("0");
        assertThat(Docker.logs(container))
                .contains("sidecar-init: shutting down (SIGTERM); forwarding SIGTERM")
                .doesNotContain("SIGKILL")
                .endsWith("sidecar-init: exit 0\n");
    }

    @Test
    void theOperatorRestartsAGuardWhichNoGuardCan() {
        // Given: /run as in compose.yaml
        container = Docker.start(HOSTS, "--tmpfs=/run:mode=755");
        awaitHealth("healthy");

        // When
        Command.Result byGuard =
                Docker.docker("exec", "--user", "supervise", container, "sidecar-init", "restart", "pipelock");
        Command.Result byOperator = Docker.exec(container, "sidecar-init", "restart", "pipelock");

        // Then
        assertThat(byGuard.failed().output()).contains("/run/sidecar-init.sock: Permission denied");
        assertThat(byOperator.succeeded().output()).contains("pipelock has been restarted in ");
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(Docker.exec(container, "sidecar-init", "events")
                                .succeeded()
                                .output())
                        .containsPattern("Z pipelock is ready again after [0-9.]+ s \\(planned\\)\n"));
    }

    @Test
    void aGuardThatIsWronglyConfiguredSaysWhyAndTheOthersRunOn() {
        // When
        container = Docker.start("--env=CLAUDE_BOTTLE_ALLOWED_HOSTS=no spaces in a host");

        // Then
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(Docker.logs(container))
                        .contains("[pipelock] cannot start pipelock: ")
                        .contains("sidecar-init: git-gate is ready", "sidecar-init: supervise is ready"));
        assertThat(Docker.exec(container, "sidecar-init", "status").code()).isEqualTo(1);
    }

    @Test
    void theBuiltInBundleLeavesADeadGuardDead() {
        // Given
        container = Docker.start(BUILT_IN, HOSTS);
        await().atMost(TIMEOUT)
                .untilAsserted(
                        () -> assertThat(Docker.logs(container)).contains("starting egress", "starting supervise"));
        awaitHealth("healthy");

        // When
        Docker.exec(container, "sh", "-c", "kill -KILL $(pgrep -f '^/usr/bin/python3 .*mitmdump')")
                .succeeded();

        // Then
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(Docker.logs(container))
                        .contains(
                                "sidecar-init: egress exited with code 137 (SIGKILL); leaving surviving daemons running"
                                        + " (operator-visible via agent-side failure)"));
        Docker.docker("stop", "--time", "10", container).succeeded();
        assertThat(Docker.inspect(container, "{{.State.ExitCode}}")).isEqualTo("137");
    }

    private void awaitHealth(String health) {
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(Docker.inspect(container, "{{.State.Health.Status}}"))
                        .as(Docker.logs(container))
                        .isEqualTo(health));
    }
}
