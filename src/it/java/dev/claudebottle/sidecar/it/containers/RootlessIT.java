package dev.claudebottle.sidecar.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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
        container = start(user, "--tmpfs=/run:mode=1777");

        // Then
        awaitHealthy();
        assertThat(Docker.exec(container, "sh", "-c", PUSH).succeeded().output())
                .endsWith("\trefs/heads/main\n");
        // allowed by egress; there is no network behind pipelock
        assertThat(ask("https://allowed.test/")).contains("pipelock").endsWith(" 502");
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
        container = start("1000:1000", "--tmpfs=/run:mode=755");

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

    private static String start(String user, String run) {
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
            command.add("--tmpfs=/var/lib/" + guard + ":uid=0,gid=" + FS_GROUP + ",mode=2775");
        }
        command.add(Docker.IMAGE);
        return Docker.docker(command.toArray(String[]::new))
                .succeeded()
                .output()
                .strip();
    }

    private void awaitHealthy() {
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(Docker.inspect(container, "{{.State.Health.Status}}"))
                        .as(Docker.logs(container))
                        .isEqualTo("healthy"));
    }
}
