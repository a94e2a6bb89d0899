package dev.claudebottle.sidecar.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.it.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The image of examples/image/Dockerfile. */
@NeedsEngine
class ExampleImageIT {

    private static final String IMAGE = "example";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private String container;

    @AfterEach
    void remove() {
        if (container != null) {
            Docker.remove(container);
        }
    }

    @Test
    void itBecomesHealthyBehindAProxyDoesItsWorkAndStopsWith0InsideTheGrace() {
        // When: nothing listens where the proxy should be
        container = start("--env=http_proxy=http://127.0.0.1:1", "--env=HTTP_PROXY=http://127.0.0.1:1");

        // Then
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(Docker.inspect(container, "{{.State.Health.Status}}"))
                        .as(Docker.logs(container))
                        .isEqualTo("healthy"));
        assertThat(Docker.exec(container, "sidecar-init", "status").succeeded().output())
                .startsWith("bundle running, ready, since ")
                .contains("; pid 1; ");
        assertThat(Docker.exec(container, "ps", "-C", "redis-server", "-o", "user=")
                        .succeeded()
                        .output())
                .isEqualTo("redis\n");

        // When
        Docker.exec(container, "redis-cli", "lpush", "jobs", "hello").succeeded();

        // Then
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(Docker.logs(container)).contains("[worker] did hello\n"));

        // When
        Docker.docker("stop", "--time", "10", container).succeeded();

        // Then
        assertThat(Docker.inspect(container, "{{.State.ExitCode}}")).isEqualTo("0");
        assertThat(Docker.logs(container))
                .containsSubsequence("redis is ready", "starting worker", "shutting down (SIGTERM)")
                .doesNotContain("SIGKILL")
                .endsWith("sidecar-init: exit 0\n");
    }

    @Test
    void itsEntryPointTakesTheClassArchives() {
        // When: with -Xshare:on archives that don't fit are an error
        Command.Result result = Docker.docker("run", "--rm", "--env=JAVA_TOOL_OPTIONS=-Xshare:on", IMAGE, "--version");

        // Then
        assertThat(result.succeeded().output()).contains("\nsidecar-init ");
    }

    @Test
    void itsBundleFileIsValidAndLacksNothing() {
        // When
        Command.Result result = Docker.docker("run", "--rm", IMAGE, "check");

        // Then
        assertThat(result.succeeded().output()).contains("redis:", "worker:").doesNotContain("warning");
    }

    private static String start(String... arguments) {
        List<String> command = new ArrayList<>(List.of("run", "--detach"));
        command.addAll(Docker.HARDENED);
        command.addAll(List.of(arguments));
        command.add(IMAGE);
        return Docker.docker(command.toArray(String[]::new))
                .succeeded()
                .output()
                .strip();
    }
}
