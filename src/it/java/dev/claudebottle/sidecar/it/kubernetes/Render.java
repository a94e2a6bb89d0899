package dev.claudebottle.sidecar.it.kubernetes;

import dev.claudebottle.sidecar.it.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Renders what is in {@code deploy/kubernetes}. */
final class Render {

    private Render() {}

    /** The base with these components , as in a user's folder. */
    static String base(String namespace, List<Path> components, String patches) {
        try {
            Path folder = Files.createTempDirectory("bottle").toRealPath();
            Path file = folder.resolve("kustomization.yaml");
            Files.writeString(
                    file,
                    """
                    apiVersion: kustomize.config.k8s.io/v1beta1
                    kind: Kustomization
                    namespace: %s
                    resources: [%s]
                    components: %s
                    """.formatted(
                                    namespace,
                                    folder.relativize(Sources.DEPLOY.resolve("base")),
                                    components.stream().map(folder::relativize).toList())
                            + patches);
            String manifests = folder(folder);
            Files.delete(file);
            Files.delete(folder);
            return manifests;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String folder(Path folder) {
        return Command.run(Map.of(), "", List.of("kubectl", "kustomize", folder.toString()))
                .succeeded()
                .output();
    }

    /** The chart with the values of this file, by the Helm that HELM names. */
    static String chart(String namespace, Path values) {
        return Command.run(
                        Map.of(),
                        "",
                        List.of(
                                System.getenv("HELM"),
                                "template",
                                "bottle",
                                Sources.DEPLOY.resolve("chart").toString(),
                                "--namespace",
                                namespace,
                                "--kube-version",
                                "1.34.0",
                                "--set",
                                "image=sidecars",
                                "--values",
                                values.toString()))
                .succeeded()
                .output();
    }
}
