package dev.claudebottle.sidecar.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bundle as one user other than root, without any capability, as Kubernetes' restricted profile runs it. */
@NeedsEngine
class RootlessIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    /** The group to which the kubelet gives a pod's volumes. */
    private static final String FS_GROUP = "1000";

    private static final String PUSH = """
            set -e; cd /tmp; export HOME=/tmp GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com
            export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.com
            git init -q -b main work; cd work; git commit -q --allow-empty -m first
            git push -q git://127.0.0.1:9418/repo.git main; git ls-remote git://127.0.0.1:9418/repo.git
            """;

    @TempDir
    private Path scratch;

    private String container;

    @AfterEach
    void remove() {
        if (container != null) {
            Docker.remove(container);
        }
    }

    /** The image's user, and one without an entry in /etc/passwd. */
    @ParameterizedTest
    @ValueSource(strings = {"1000:1000", "1000650000:0"})
    void allGuardsWorkAndTheOperatorRestartsOne(String user) {
        // When
        container = start(user, "--tmpfs=/run:uid=" + user.split(":")[0]);

        // Then
        awaitHealthy();
        assertThat(Docker.exec(container, "sh", "-c", PUSH).succeeded().output())
                .endsWith("\trefs/heads/main\n");
        // allowed by egress; there is no network behind pipelock
        assertThat(ask("https://allowed.test/")).startsWith("egress: pipelock ");
        assertThat(ask("http://refused.test/")).contains("allow-list").endsWith(" 403");
        assertThat(Docker.exec(container, "approvals").succeeded().output()).isEqualTo("no requests\n");
        assertThat(Docker.exec(container, "sidecar-init", "restart", "egress")
                        .succeeded()
                        .output())
                .contains("egress has been restarted in ");
    }

    @Test
    void whereItCannotWriteInRunTheGuardsWorkAndItSaysWhyNoneCanBeRestarted() {
        // When
        container = start("1000:1000", "--tmpfs=/run");

        // Then
        awaitHealthy();
        assertThat(Docker.logs(container))
                .contains("sidecar-init: cannot listen on /run/sidecar-init.sock: Permission denied;"
                        + " the command restart needs a socket, see CLAUDE_BOTTLE_SIDECAR_SOCKET\n");
    }

    /** The body of the answer, and its status. */
    private String ask(String url) {
        String curl = "curl --silent --insecure --proxy http://127.0.0.1:9099 --write-out ' %{http_code}' ";
        return Docker.exec(container, "sh", "-c", curl + url).output().strip();
    }

    private String start(String user, String run) {
        List<String> command = new ArrayList<>(List.of(
                "run",
                "--detach",
                "--user=" + user,
                "--group-add=" + FS_GROUP,
                "--read-only",
                "--cap-drop=ALL",
                "--security-opt=no-new-privileges",
                "--tmpfs=/tmp:mode=777",
                run,
                "--env=CLAUDE_BOTTLE_SIDECAR_CONFIG=/etc/sidecars-rootless.yaml",
                "--env=CLAUDE_BOTTLE_ALLOWED_HOSTS=allowed.test"));
        for (String guard : ComposeStack.GUARDS) {
            command.add("--volume=" + volume(guard) + ":/var/lib/" + guard);
        }
        command.add(Docker.IMAGE);
        return Docker.docker(command.toArray(String[]::new))
                .succeeded()
                .output()
                .strip();
    }

    /** As the kubelet makes it for a subPath. */
    private Path volume(String guard) {
        Path volume = scratch.resolve(guard);
        String script =
                "chmod 755 . && mkdir " + guard + " && chgrp " + FS_GROUP + " " + guard + " && chmod 2775 " + guard;
        Docker.run(Map.of(), List.of("sh", "-c", "cd " + scratch + " && " + script))
                .succeeded();
        return volume;
    }

    private void awaitHealthy() {
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(Docker.inspect(container, "{{.State.Health.Status}}"))
                        .as(Docker.logs(container))
                        .isEqualTo("healthy"));
    }
}
