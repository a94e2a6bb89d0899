package dev.claudebottle.sidecar.it.containers;

import static dev.claudebottle.sidecar.it.containers.Docker.IMAGE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The image that {@code docker compose up} builds from source when there is none. */
@NeedsEngine
class SourceBuildIT {

    private static final String FROM_SOURCE = "sidecars-from-source";

    @BeforeAll
    static void build() {
        List<String> command = new ArrayList<>(ComposeStack.COMMAND);
        command.addAll(List.of("--project-name", "source", "-f", "compose.yaml"));
        command.addAll(List.of("-f", "src/it/containers/compose.source.yaml", "build", "sidecars"));
        Docker.run(Map.of("SIDECARS_IMAGE", FROM_SOURCE, "DOCKER_BUILDKIT", "1"), command)
                .succeeded();
    }

    @AfterAll
    static void remove() {
        Docker.docker("rmi", FROM_SOURCE);
    }

    @Test
    void theApplicationFromSourceRuns() {
        assertThat(Docker.docker("run", "--rm", FROM_SOURCE, "check")
                        .succeeded()
                        .output())
                .contains("egress:", "pipelock:", "git-gate:", "supervise:");
    }

    @Test
    void theApplicationIsAsOneThatWasBuiltOutside() {
        assertThat(application(FROM_SOURCE)).isNotEmpty().isEqualTo(application(IMAGE));
    }

    /** Checksums of all files but the archives, and but the bytecode that Quarkus generates, which is never twice the same. */
    private static String application(String image) {
        String files = "find . -path ./runtime -prune -o -type f ! -name 'guards.*' ! -name 'server.*' -print";
        return Docker.docker(
                        "run",
                        "--rm",
                        "--workdir=/app/sidecar-init",
                        "--entrypoint=sh",
                        image,
                        "-c",
                        files + " | sort | sed '/generated-bytecode/d' | xargs sha256sum")
                .succeeded()
                .output();
    }
}
